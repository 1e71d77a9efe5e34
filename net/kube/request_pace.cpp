// SPDX-License-Identifier: Apache-2.0
#include "net/kube/request_pace.hpp"

#include <algorithm>
#include <utility>

namespace troupe::kube {

namespace {

constexpr double default_rate = 5, default_burst = 10; // of client-go

} // namespace

request_pace::request_pace(const request_limits& limits)
  : rate_(limits.per_second > 0 ? limits.per_second
          : limits.burst > 0    ? default_rate
                                : 0),
    burst_(limits.burst > 0 ? limits.burst : default_burst), tokens_(burst_) {}

std::chrono::nanoseconds request_pace::reserve(std::chrono::steady_clock::time_point now) {
  using seconds = std::chrono::duration<double>;
  constexpr double longest = 86'400; // a rate next to nothing must not overflow the clock
  if (rate_ <= 0)
    return {};
  if (now > last_) {
    tokens_ = std::min(burst_, tokens_ + seconds(now - last_).count() * rate_);
    last_ = now;
  }
  tokens_ -= 1;
  return tokens_ >= 0
           ? std::chrono::nanoseconds{}
           : std::chrono::duration_cast<std::chrono::nanoseconds>(seconds{std::min(longest, -tokens_ / rate_)});
}

void request_gate::enter(std::function<void()> go) {
  if (most_ != 0 && inside_ >= most_)
    return waiting_.push_back(std::move(go));
  ++inside_;
  go();
}

void request_gate::leave() {
  if (waiting_.empty()) {
    --inside_;
    return;
  }
  const auto next = std::move(waiting_.front()); // takes the place over
  waiting_.pop_front();
  next();
}

} // namespace troupe::kube
