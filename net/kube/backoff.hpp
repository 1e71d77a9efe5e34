// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_options.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace troupe::kube {

/// How long to wait after a failure. Pure: time and chance come from the caller. `random` is in [0, 1).
class backoff {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using ms = std::chrono::milliseconds;

  explicit backoff(const api_timings& timings) : t_(timings), current_(timings.backoff_first) {}

  /// The server does what it is asked, since `now` at the latest.
  void healthy(time_point now) {
    if (!healthy_since_)
      healthy_since_ = now;
  }

  /// The wait after any failure: the current value plus up to as much again.
  ms next(time_point now, double random) {
    if (healthy_since_ && now - *healthy_since_ >= t_.backoff_reset)
      current_ = t_.backoff_first;
    healthy_since_.reset();
    const bool capped = refused_ && now - *refused_ < t_.refused_window;
    const ms base = capped ? std::min(current_, t_.refused_limit) : current_;
    if (!capped)
      current_ = std::min(current_ * 2, t_.backoff_limit);
    return jitter(base, random);
  }

  /// The wait after the server refused the connection, or broke it off: it is away, and short waits cost nobody
  /// anything. They also hold for what a server, or a balancer before it, answers until it is back, so that changes are
  /// seen soon after.
  ms next_refused(time_point now, double random) {
    refused_ = now;
    return next(now, random);
  }

  /// The server said when to come back.
  ms next_retry_after(time_point now, ms wanted, double random) {
    return std::max(next(now, random), jitter(std::min(wanted, t_.retry_after_limit), random / 4));
  }

private:
  static ms jitter(ms base, double random) {
    return base + ms(static_cast<int64_t>(static_cast<double>(base.count()) * random));
  }

  api_timings t_;
  ms current_;
  std::optional<time_point> healthy_since_, refused_;
};

} // namespace troupe::kube
