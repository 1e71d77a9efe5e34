// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

namespace troupe::net {

/// Whether an upstream is asked with EDNS: some drop such queries, or fail them. What its replies have shown is
/// remembered for a while, longer each time that it was confirmed, and outlasts the link. Thread: the link's loop; any
/// for left_out().
class upstream_edns {
public:
  /// So long after a reply with OPT silence has other reasons than EDNS.
  static constexpr std::chrono::seconds trusted{60};
  /// So long OPT is left out at first, and at most: twice as long each time. A lost packet looks the same at first.
  static constexpr std::chrono::seconds first_pause{10}, longest_pause{900};

  /// Whether the next query has OPT. While it is left out, one query after each pause tries it.
  bool is_asked_with(time_point now) noexcept {
    if (!left_out())
      return true;
    if (now < next_try_)
      return false;
    next_try_ = now + first_pause; // should it bring nothing at all
    return trying_ = true;
  }

  bool speaks(time_point now) const noexcept { return heard_ && now - *heard_ < trusted; }

  /// A reply came with OPT.
  void spoke(time_point now) noexcept {
    heard_ = now;
    pause_ = {};
    left_out_.store(false, std::memory_order_relaxed);
  }

  /// A query with OPT brought nothing good, the same without it did.
  void answered_only_without(time_point now) noexcept {
    if (speaks(now) || (left_out() && !trying_)) // of many that found out together, one counts
      return;
    trying_ = false;
    pause_ = std::clamp<duration>(2 * pause_, first_pause, longest_pause);
    next_try_ = now + pause_;
    left_out_.store(true, std::memory_order_relaxed);
  }

  bool left_out() const noexcept { return left_out_.load(std::memory_order_relaxed); }

private:
  std::optional<time_point> heard_; ///< the last reply with OPT
  duration pause_{0};
  time_point next_try_;
  bool trying_ = false;
  std::atomic<bool> left_out_{false};
};

} // namespace troupe::net
