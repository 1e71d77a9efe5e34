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
  time_point now() const noexcept override { return now_; }
  void advance(duration by) noexcept { now_ += by; }

private:
  time_point now_{std::chrono::hours(1)};
};

} // namespace troupe::net
