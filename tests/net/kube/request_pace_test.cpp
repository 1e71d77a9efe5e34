// SPDX-License-Identifier: Apache-2.0
#include "net/kube/request_pace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace troupe::kube;
using namespace std::chrono_literals;

TEST(request_pace, lets_a_burst_through_and_then_a_rate) {
  const struct {
    request_limits limits;
    std::vector<std::chrono::milliseconds> at, wait; // of requests one after another
  } cases[] = {
    {{}, {0ms, 0ms, 0ms}, {0ms, 0ms, 0ms}},
    {{.per_second = 10, .burst = 2}, {0ms, 0ms, 0ms, 0ms}, {0ms, 0ms, 100ms, 200ms}},
    {{.per_second = 10, .burst = 1}, {0ms, 50ms, 300ms, 300ms}, {0ms, 50ms, 0ms, 100ms}},
    {{.per_second = 0.5, .burst = 1}, {0ms, 0ms}, {0ms, 2000ms}},
    {{.burst = 1}, {0ms, 0ms}, {0ms, 200ms}}, // Kubernetes' 5 a second
    {{.in_flight = 1}, {0ms, 0ms}, {0ms, 0ms}},
  };
  for (auto& c : cases) {
    request_pace pace{c.limits};
    for (size_t i = 0; i < c.at.size(); ++i)
      EXPECT_NEAR(static_cast<double>(pace.reserve(std::chrono::steady_clock::time_point{1h} + c.at[i]).count()),
                  static_cast<double>(std::chrono::nanoseconds{c.wait[i]}.count()), 1000)
        << c.limits.per_second << " " << c.limits.burst << " request " << i;
  }
}

TEST(request_pace, has_kubernetes_burst_where_only_a_rate_is_given) {
  request_pace pace{{.per_second = 1}};
  const std::chrono::steady_clock::time_point now{1h};
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(pace.reserve(now).count(), 0);
  EXPECT_GT(pace.reserve(now), 900ms);
}

TEST(request_pace, a_tiny_rate_is_a_long_wait) {
  request_pace pace{{.per_second = 1e-300, .burst = 1}};
  const std::chrono::steady_clock::time_point now{1h};
  EXPECT_EQ(pace.reserve(now).count(), 0);
  EXPECT_EQ(pace.reserve(now), 24h);
}

TEST(request_gate, lets_so_many_in_and_others_in_order) {
  request_gate gate{2};
  std::string order;
  for (char c : {'a', 'b', 'c', 'd'})
    gate.enter([&order, c] { order += c; });
  EXPECT_EQ(order, "ab");
  gate.leave();
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(gate.inside(), 2u);
  gate.leave();
  gate.leave();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(gate.inside(), 1u);
  gate.leave();
  EXPECT_EQ(gate.inside(), 0u);
}

TEST(request_gate, without_a_bound_nobody_waits) {
  request_gate gate{0};
  int in = 0;
  for (int i = 0; i < 100; ++i)
    gate.enter([&] { ++in; });
  EXPECT_EQ(in, 100);
}
