// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>

/// What `apiserver_qps`, `apiserver_burst` and `apiserver_max_inflight` ask for. No sockets, no clock.
namespace troupe::kube {

struct request_limits {
  double per_second = 0; ///< 0 with a burst: Kubernetes' default, 5
  int burst = 0;         ///< 0 with a rate: Kubernetes' default, 10
  int in_flight = 0;     ///< 0: no bound
  bool operator==(const request_limits&) const = default;
};

/// A token bucket, as client-go has it: `burst` requests at once, then `per_second`. Without limits nobody waits.
class request_pace {
public:
  explicit request_pace(const request_limits& limits);

  /// How long the request that comes at `now` has to wait; it counts.
  std::chrono::nanoseconds reserve(std::chrono::steady_clock::time_point now);

private:
  double rate_, burst_; ///< rate 0: no bound
  double tokens_;
  std::chrono::steady_clock::time_point last_{};
};

/// Lets so many requests through at a time, in the order of their coming. One thread.
class request_gate {
public:
  explicit request_gate(int most) : most_(most > 0 ? static_cast<size_t>(most) : 0) {}

  /// Calls `go` now or from a later leave(). Each call of `go` is owed one leave().
  void enter(std::function<void()> go);
  void leave();

  size_t inside() const noexcept { return inside_; }

private:
  size_t most_; ///< 0: no bound
  size_t inside_ = 0;
  std::deque<std::function<void()>> waiting_;
};

} // namespace troupe::kube
