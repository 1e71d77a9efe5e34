// SPDX-License-Identifier: Apache-2.0
#include "actors/server/ending.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

TEST(ending, nobody_waits_for_the_end_of_impatience) {
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  ending how{take_signals(), SIGTERM};
  constexpr int rounds = 40; // of 50 ms each it would be two seconds
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i)
    impatience{how};
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(ending, signals_are_heard_until_the_time_is_over) {
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  const sigset_t signals = take_signals();
  const struct {
    int first, second; ///< sent before anybody listens
    int heard;
  } cases[] = {
    {SIGTERM, 0, SIGTERM},
    {SIGUSR1, SIGINT, SIGINT},
    {SIGHUP, 0, 0},
    {SIGUSR2, SIGUSR1, 0},
  };
  for (auto& c : cases) {
    pthread_kill(pthread_self(), c.first);
    if (c.second != 0)
      pthread_kill(pthread_self(), c.second);
    int others = 0;
    EXPECT_EQ(wait_for_end(signals, 0s, [&](int) { ++others; }), c.heard) << c.first << ' ' << c.second;
    while (wait_for_end(signals, 0s, [&](int) { ++others; }) != 0) {
    }
    EXPECT_EQ(others + (c.heard != 0), 1 + (c.second != 0)) << c.first << ' ' << c.second;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
