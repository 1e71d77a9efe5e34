// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/watchdog.hpp"

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

  /// Calls `f`, from inside one job of `on`.
  void inside_a_job(net::loop& on, std::function<void()> f) {
    static constexpr net::task::verbs call{
      [](void* what, net::loop&) {
        (*std::unique_ptr<std::function<void()>>{static_cast<std::function<void()>*>(what)})();
      },
      [](void* what) noexcept { delete static_cast<std::function<void()>*>(what); }};
    on.post(net::lane::control, {&call, new std::function<void()>{std::move(f)}});
  }

  void stuck_for(std::chrono::milliseconds wait) {
    for (auto at = 0ms; at < wait; at += 250ms) {
      look_after(250ms);
      busy.run_turn();
    }
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
  stuck_for(3s);
  EXPECT_TRUE(dog.stalled());
  stuck.run_turn();
  look_after(250ms);
  EXPECT_FALSE(dog.stalled());
  EXPECT_EQ(ended, 0);
}

TEST_F(WatchdogTest, ALongQueueIsNoStandstill) {
  for (int i = 0; i < 100; ++i) // each takes longer than there is between two looks
    inside_a_job(stuck, [this] {
      stuck_for(500ms);
      EXPECT_FALSE(dog.stalled());
    });
  while (stuck.run_turn())
    busy.run_turn();
  EXPECT_EQ(ended, 0);
}

TEST_F(WatchdogTest, TimersAreWorkToo) {
  const std::function<void()> again = [&] {
    stuck_for(1250ms);
    EXPECT_FALSE(dog.stalled());
  };
  for (int i = 0; i < 20; ++i)
    stuck.at(stuck.now(), again);
  while (stuck.run_turn())
    busy.run_turn();
  EXPECT_EQ(ended, 0);
}

TEST_F(WatchdogTest, AJobThatDoesNotEndIsAStandstillWhateverWaitsBehindIt) {
  inside_a_job(stuck, [this] { stuck_for(13s); });
  for (int i = 0; i < 100; ++i)
    inside_a_job(stuck, [] {});
  stuck.run_turn();
  EXPECT_GT(ended, 0);
}

TEST_F(WatchdogTest, APauseOfTheProcessIsNoStandstill) {
  look_after(250ms);
  look_after(11s); // nobody ran meanwhile, this thread neither
  EXPECT_FALSE(dog.stalled());
  look_after(250ms);
  EXPECT_FALSE(dog.stalled());
  stuck.run_turn();
  busy.run_turn();
  for (int i = 0; i < 5; ++i) {
    look_after(3s);
    EXPECT_FALSE(dog.stalled());
  }
  EXPECT_EQ(ended, 0);
}

TEST_F(WatchdogTest, AfterAPauseAStandstillIsFoundAsEver) {
  look_after(250ms);
  look_after(11s);
  stuck_for(1750ms);
  EXPECT_FALSE(dog.stalled());
  stuck_for(500ms);
  EXPECT_TRUE(dog.stalled());
  stuck_for(8s);
  EXPECT_GT(ended, 0);
}

} // namespace
} // namespace troupe
