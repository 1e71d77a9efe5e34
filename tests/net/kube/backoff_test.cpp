// SPDX-License-Identifier: Apache-2.0
#include "net/kube/backoff.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;
using namespace std::chrono_literals;
using ms = std::chrono::milliseconds;

TEST(backoff, doubles_to_its_limit_and_adds_up_to_as_much_again) {
  struct {
    double random;
    std::vector<int64_t> waits;
  } cases[] = {
    {0, {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000}},
    {0.5, {1200, 2400, 4800, 9600, 19200, 38400, 45000, 45000}},
  };
  for (auto& c : cases) {
    backoff b{api_timings{}};
    backoff::time_point now{};
    for (auto want : c.waits)
      EXPECT_EQ(b.next(now += 1s, c.random).count(), want);
  }
}

TEST(backoff, starts_again_after_two_healthy_minutes) {
  backoff b{api_timings{}};
  backoff::time_point now{1h};
  b.next(now, 0);
  b.next(now, 0);
  b.healthy(now);
  EXPECT_EQ(b.next(now + 119s, 0), 3200ms);
  b.healthy(now);
  b.healthy(now + 100s); // what counts is since when
  EXPECT_EQ(b.next(now + 120s, 0), 800ms);
}

TEST(backoff, stays_short_while_the_server_is_away_and_starts) {
  backoff b{api_timings{}};
  backoff::time_point now{1h};
  for (int i = 0; i < 20; ++i)
    EXPECT_LE(b.next_refused(now += 1s, 0.999), 2000ms);
  EXPECT_LE(b.next(now + 10s, 0.999), 2000ms); // 503 while it starts
  EXPECT_EQ(b.next(now + 31s, 0), 800ms);
  EXPECT_EQ(b.next(now + 32s, 0), 1600ms);
}

TEST(backoff, waits_as_long_as_it_is_told_within_reason) {
  struct {
    ms wanted;
    double random;
    ms want;
  } cases[] = {{7s, 0, 7000ms}, {7s, 0.8, 8400ms}, {1ms, 0, 800ms}, {3600s, 0, 60'000ms}, {0ms, 0.5, 1200ms}};
  for (auto& c : cases) {
    backoff b{api_timings{}};
    EXPECT_EQ(b.next_retry_after({}, c.wanted, c.random), c.want);
  }
}
