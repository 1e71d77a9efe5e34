// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace troupe::net {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Where a loop reads the time, so that tests can drive one by hand.
class clock {
public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept { return std::chrono::steady_clock::now(); }
};

/// Time that only moves when a test says so. Not thread-safe: for loops driven by hand.
class manual_clock final : public clock {
public:
  time_point now() const noexcept override { return now_ += per_look_; }
  void advance(duration by) noexcept { now_ += by; }
  /// From now on it moves on with each look at it, as it does for one who works.
  void tick(duration per_look) noexcept { per_look_ = per_look; }

private:
  mutable time_point now_{std::chrono::hours(1)};
  duration per_look_{0};
};

} // namespace troupe::net
