// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <thread>

using namespace troupe::net;
using namespace std::chrono_literals;

namespace {

/// A task that appends its number to a list.
struct noting {
  std::vector<int>& to;
  int number;

  static constexpr task::verbs verbs{[](void* self, loop&) {
                                       auto* n = static_cast<noting*>(self);
                                       n->to.push_back(n->number);
                                     },
                                     [](void* self) noexcept {
                                       auto* n = static_cast<noting*>(self);
                                       n->to.push_back(-n->number);
                                     }};
  task as_task() { return {&verbs, this}; }
};

} // namespace

TEST(loop, timers_fire_in_order_and_cancelled_ones_do_not) {
  manual_clock time;
  loop l{0, &time};
  std::vector<int> seen;
  l.at(time.now() + 2s, [&] { seen.push_back(2); });
  l.at(time.now() + 1s, [&] { seen.push_back(1); });
  auto gone = l.at(time.now() + 1s, [&] { seen.push_back(99); });
  l.cancel(gone);
  l.run_turn();
  EXPECT_TRUE(seen.empty());
  time.advance(1s);
  l.run_turn();
  EXPECT_EQ(seen, std::vector<int>{1});
  time.advance(5s);
  l.run_turn();
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(loop, neither_lane_starves_the_other) {
  manual_clock time;
  loop l{0, &time};
  std::vector<int> seen;
  std::vector<noting> queries(100, {seen, 1});
  noting control{seen, 2};
  for (auto& q : queries)
    l.post(lane::queries, q.as_task());
  l.post(lane::control, control.as_task());
  l.run_turn();
  auto at = std::find(seen.begin(), seen.end(), 2) - seen.begin();
  EXPECT_LE(at, 8) << "control runs although queries wait";
}

TEST(loop, a_turn_is_bounded) {
  manual_clock time;
  loop l{0, &time};
  std::vector<int> seen;
  std::vector<noting> many(1000, {seen, 1});
  for (auto& n : many)
    l.post(lane::queries, n.as_task());
  EXPECT_TRUE(l.run_turn());
  EXPECT_LE(seen.size(), 2 * loop::max_jobs_per_turn);
  while (l.run_turn()) {
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(loop, what_is_left_when_it_goes_is_discarded) {
  std::vector<int> seen;
  noting n{seen, 5}, foreign{seen, 6};
  {
    loop l{0};
    l.post(lane::control, n.as_task());
    std::thread{[&] { l.post(lane::control, foreign.as_task()); }}.join();
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<int>{-6, -5}));
}

TEST(loop, wakes_for_posts_from_other_threads_and_stops) {
  loop l{0};
  std::atomic<int> count{0};
  constexpr task::verbs verbs{[](void* counter, loop&) { static_cast<std::atomic<int>*>(counter)->fetch_add(1); },
                              [](void*) noexcept {}};
  std::thread runner{[&] { l.run(); }};
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i)
    senders.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n)
        l.post(n % 2 ? lane::queries : lane::control, {&verbs, &count});
    });
  for (auto& s : senders)
    s.join();
  l.stop();
  runner.join();
  EXPECT_EQ(count, 40'000);
}
