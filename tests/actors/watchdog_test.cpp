// SPDX-License-Identifier: Apache-2.0
#include "actors/watchdog.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// Two loops driven by hand: the first one stops turning.
class WatchdogTest : public ::testing::Test {
public:
  void look_after(std::chrono::milliseconds wait) {
    now += wait;
    dog.look(now);
  }

  net::loop stuck{0}, busy{1};
  int ended = 0;
  watchdog dog{{&stuck, &busy}, [this] { ++ended; }};
  net::time_point now{1h};
};

TEST_F(WatchdogTest, LoopsThatTurnAreWell) {
  for (int i = 0; i < 100; ++i) {
    look_after(250ms);
    stuck.run_turn();
    busy.run_turn();
    EXPECT_FALSE(dog.stalled());
  }
  EXPECT_EQ(ended, 0);
}

TEST_F(WatchdogTest, AStuckLoopShowsAfterTwoSecondsAndEndsTheProcessAfterTen) {
  for (auto at = 0ms; at <= 12s; at += 250ms) {
    look_after(250ms);
    busy.run_turn();
    EXPECT_EQ(dog.stalled(), at >= watchdog::stalled_after) << at.count();
    EXPECT_EQ(ended > 0, at >= watchdog::end_after) << at.count();
  }
}

TEST_F(WatchdogTest, OneThatGoesOnIsWellAgain) {
  look_after(0ms);
  busy.run_turn();
  look_after(3s);
  EXPECT_TRUE(dog.stalled());
  stuck.run_turn();
  look_after(250ms);
  EXPECT_FALSE(dog.stalled());
  EXPECT_EQ(ended, 0);
}

} // namespace
} // namespace troupe
