// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
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

/// Work that takes a millisecond of the loop's clock, and says how often it was done.
struct slow {
  manual_clock& time;
  int done = 0;

  void work() {
    time.advance(1ms);
    ++done;
  }
  static constexpr task::verbs verbs{[](void* self, loop&) { static_cast<slow*>(self)->work(); },
                                     [](void*) noexcept {}};
  task as_task() { return {&verbs, this}; }
};

/// The same, sent by another thread.
struct slow_node : inbox_node {
  explicit slow_node(slow& w) : inbox_node(how), work(w) {}
  static void run(inbox_node* self, loop&) { static_cast<slow_node*>(self)->work.work(); }
  static constexpr verbs how{run, [](inbox_node*) noexcept {}};
  slow& work;
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

TEST(loop, a_turn_is_over_when_its_time_is) {
  manual_clock time;
  loop l{0, &time};
  slow job{time};
  for (int i = 0; i < 10; ++i)
    l.post(lane::queries, job.as_task());
  EXPECT_TRUE(l.run_turn());
  EXPECT_EQ(job.done, 2) << "one before the endpoints collect, one after";
}

TEST(loop, sockets_have_their_turn_between_jobs_that_take_long) {
  manual_clock time;
  loop l{0, &time};
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  boost::asio::posix::stream_descriptor reading{l.io(), ends[0]}, writing{l.io(), ends[1]};
  slow job{time};
  int done_before = 0;
  reading.async_wait(reading.wait_read, [&](auto) {
    done_before = job.done;
    l.stop();
  });
  ASSERT_EQ(::send(ends[1], "x", 1, 0), 1);
  for (int i = 0; i < 1000; ++i)
    l.post(lane::queries, job.as_task());
  l.run();
  EXPECT_LE(done_before, 4);
}

TEST(loop, sockets_that_are_always_ready_do_not_keep_jobs_waiting) {
  manual_clock time;
  loop l{0, &time};
  slow handler{time};
  const std::function<void()> again = [&] {
    handler.work();
    if (handler.done < 1000)
      boost::asio::post(l.io(), again);
    else
      l.stop();
  };
  boost::asio::post(l.io(), again);
  slow first{time};
  for (int i = 0; i < 4; ++i)
    l.post(lane::queries, first.as_task());
  int handled_before = 0;
  struct last {
    int &to, &of;
  } note{handled_before, handler.done};
  static constexpr task::verbs copy{[](void* self, loop&) {
                                      auto& n = *static_cast<last*>(self);
                                      n.to = n.of;
                                    },
                                    [](void*) noexcept {}};
  l.post(lane::queries, {&copy, &note});
  l.run();
  EXPECT_GE(handled_before, 1);
  EXPECT_LE(handled_before, 4);
}

TEST(loop, a_timer_that_arms_another_for_now_lets_others_have_their_turn) {
  for (const auto ago : {0s, 1s}) {
    manual_clock time;
    loop l{0, &time};
    int fired = 0;
    const std::function<void()> again = [&] {
      if (++fired < 1000)
        l.at(l.now() - ago, again);
    };
    std::vector<int> seen;
    noting job{seen, 1};
    l.at(time.now(), again);
    l.at(time.now(), [&] { seen.push_back(2); });
    l.post(lane::control, job.as_task());
    EXPECT_TRUE(l.run_turn()) << "it does not sleep on a timer that is due";
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(seen, (std::vector<int>{2, 1}));
    for (int turn = 2; turn <= 1000; ++turn)
      EXPECT_EQ(l.run_turn(), turn < 1000);
    EXPECT_EQ(fired, 1000);
  }
}

TEST(loop, a_timer_for_the_moment_that_it_woke_for_is_not_slept_through) {
  manual_clock time; // stands still, so each is for the very same moment
  loop l{0, &time};
  int fired = 0;
  const std::function<void()> again = [&] {
    if (++fired == 3)
      l.stop();
    else
      l.at(l.now(), again);
  };
  l.at(time.now(), again);
  l.run();
  EXPECT_EQ(fired, 3);
}

TEST(loop, many_timers_due_at_once_do_not_keep_jobs_waiting) {
  manual_clock time;
  loop l{0, &time};
  slow timer{time}, job{time};
  for (int i = 0; i < 100; ++i)
    l.at(time.now(), [&] { timer.work(); });
  l.post(lane::queries, job.as_task());
  EXPECT_TRUE(l.run_turn());
  EXPECT_EQ(timer.done, 1);
  EXPECT_EQ(job.done, 1);
  while (l.run_turn()) {
  }
  EXPECT_EQ(timer.done, 100);
}

TEST(loop, what_came_in_time_is_not_timed_out_by_a_pause) {
  manual_clock time;
  loop l{0, &time};
  constexpr size_t sockets = 100;
  size_t heard = 0, timed_out = 0;
  std::vector<boost::asio::posix::stream_descriptor> ends;
  for (size_t i = 0; i < sockets; ++i) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ends.emplace_back(l.io(), pair[1]);
    ends.emplace_back(l.io(), pair[0]);
    const auto limit = l.at(time.now() + 2s, [&] { ++timed_out; });
    ends.back().async_wait(ends.back().wait_read, [&, limit](auto) {
      time.advance(10us);
      l.cancel(limit);
      ++heard;
    });
  }
  l.at(time.now() + 3s, [&] { l.stop(); });
  static constexpr task::verbs paused{[](void* what, loop&) { static_cast<manual_clock*>(what)->advance(11s); },
                                      [](void*) noexcept {}};
  l.post(lane::control, {&paused, &time});
  for (size_t i = 0; i < sockets; ++i)
    ASSERT_EQ(::send(ends[2 * i].native_handle(), "x", 1, 0), 1);
  l.run();
  EXPECT_EQ(heard, sockets);
  EXPECT_EQ(timed_out, 0u);
}

TEST(loop, a_due_timer_that_another_cancels_does_not_fire) {
  manual_clock time;
  loop l{0, &time};
  std::vector<int> seen;
  loop::timer_id second = 0;
  l.at(time.now(), [&] {
    seen.push_back(1);
    l.cancel(second);
  });
  second = l.at(time.now(), [&] { seen.push_back(2); });
  const auto third = l.at(time.now(), [&] { seen.push_back(3); });
  while (l.run_turn()) {
  }
  l.cancel(third);
  EXPECT_EQ(seen, (std::vector<int>{1, 3}));
}

TEST(loop, what_other_threads_send_does_not_keep_jobs_waiting) {
  manual_clock time;
  slow work{time}, job{time};
  std::vector<slow_node> nodes(100, slow_node{work});
  {
    loop l{0, &time};
    for (slow_node& each : nodes)
      l.post(each);
    std::thread{[&] { l.post(lane::queries, job.as_task()); }}.join();
    EXPECT_TRUE(l.run_turn());
    EXPECT_LE(work.done, 8);
    while (l.run_turn()) {
    }
  }
  EXPECT_EQ(work.done, 100);
  EXPECT_EQ(job.done, 1);
}

TEST(loop, says_how_much_it_did) {
  manual_clock time;
  loop l{0, &time};
  slow job{time};
  const uint64_t before = l.work_done();
  l.post(lane::queries, job.as_task());
  l.run_turn();
  EXPECT_GT(l.work_done(), before);
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
