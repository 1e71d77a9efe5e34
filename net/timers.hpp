// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace troupe::net {

/// What is to be done at times to come, earliest first. Arming and cancelling cost the logarithm of how many there are,
/// and what was cancelled leaves nothing behind. Thread: one.
class timers {
public:
  using number = uint64_t; ///< of a timer; they grow, none is given twice, 0 is none
  using action = std::function<void()>;

  number arm(time_point when, action callback) {
    const auto at = queue_.emplace(std::pair{when, ++last_}, std::move(callback)).first;
    places_.emplace(last_, at);
    return last_;
  }

  void cancel(number timer) {
    const auto found = places_.find(timer);
    if (found == places_.end())
      return;
    queue_.erase(found->second);
    places_.erase(found);
  }

  /// When the earliest is due; never: time_point::max().
  time_point next() const noexcept { return queue_.empty() ? time_point::max() : queue_.begin()->first.first; }
  number last() const noexcept { return last_; }

  /// Takes out the earliest, if it is due at `now` and is none of those armed after `newest`; else empty.
  action take(time_point now, number newest) {
    if (queue_.empty())
      return {};
    const auto earliest = queue_.begin();
    const auto [when, timer] = earliest->first;
    if (when > now || timer > newest)
      return {};
    action callback = std::move(earliest->second);
    places_.erase(timer);
    queue_.erase(earliest);
    return callback;
  }

private:
  using queue = std::map<std::pair<time_point, number>, action>;

  queue queue_;
  boost::unordered_flat_map<number, queue::iterator> places_;
  number last_ = 0;
};

} // namespace troupe::net
