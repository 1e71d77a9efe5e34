// SPDX-License-Identifier: Apache-2.0
#include "net/dns/kept_reply.hpp"
#include "tests/support/looped.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::net;
using dns::rcode;

namespace {

struct world {
  manual_clock time;
  loop home{0, &time};
  test::hand_endpoint endpoint{home};
  test::keeping_sink sink{endpoint};

  world() { endpoint.attach(&sink); }
  ~world() {
    sink.waiting.clear();
    turn();
    turn();
    endpoint.attach(nullptr);
  }
  void turn() { home.run_turn(); }
  slice take(size_t i = 0) { return sink.waiting[i].take(); }
};

using answers = std::map<uint16_t, std::vector<rcode>>;

} // namespace

TEST(slice, answered_slots_leave_once) {
  world w;
  w.endpoint.receive({1, 2, 3});
  EXPECT_EQ(w.endpoint.in_flight(), 3u);
  test::keeping_sink::answer(w.take());
  w.turn();
  EXPECT_EQ(w.endpoint.answers, (answers{{1, {rcode::noerror}}, {2, {rcode::noerror}}, {3, {rcode::noerror}}}));
  EXPECT_EQ(w.endpoint.in_flight(), 0u);
}

TEST(slice, a_copied_handle_gives_its_slots_once) {
  world w;
  w.endpoint.receive({1, 2});
  slice_handle copy = w.sink.waiting[0];
  slice first = copy.take();
  EXPECT_EQ(first.count(), 2u);
  EXPECT_TRUE(w.take().empty());
  test::keeping_sink::answer(std::move(first));
  w.turn();
  EXPECT_EQ(w.endpoint.answers.size(), 2u);
}

TEST(slice, splits_are_disjoint) {
  world w;
  w.endpoint.receive({1, 2, 3, 4});
  slice all = w.take();
  slice odd = all.split(0b0101);
  EXPECT_EQ(odd.bits(), 0b0101u);
  EXPECT_EQ(all.bits(), 0b1010u);
  EXPECT_TRUE(all.split(0b0101).empty());
  test::keeping_sink::answer(std::move(odd));
  test::keeping_sink::answer(std::move(all), rcode::nxdomain);
  w.turn();
  EXPECT_EQ(w.endpoint.answers,
            (answers{{1, {rcode::noerror}}, {2, {rcode::nxdomain}}, {3, {rcode::noerror}}, {4, {rcode::nxdomain}}}));
}

TEST(slice, a_dropped_slot_is_sent_again_alone_and_given_up_after_three_times) {
  world w;
  w.endpoint.receive({1, 2});
  w.take(); // dies with both slots
  w.turn();
  ASSERT_EQ(w.sink.waiting.size(), 3u) << "the batch, then each slot alone";
  EXPECT_EQ(w.endpoint.counters().resent, 2u);
  slice first = w.take(1);
  EXPECT_EQ(first.count(), 1u);
  test::keeping_sink::answer(std::move(first));
  for (size_t again = 2; again < 5; ++again) {
    ASSERT_EQ(w.sink.waiting.size(), again + 1);
    EXPECT_EQ(w.endpoint.counters().given_up, 0u);
    w.sink.waiting[again] = {}; // a message that nobody takes
    w.turn();
  }
  w.turn();
  EXPECT_EQ(w.endpoint.counters().resent, 4u);
  EXPECT_EQ(w.endpoint.answers, (answers{{1, {rcode::noerror}}, {2, {rcode::servfail}}}));
  EXPECT_EQ(w.endpoint.counters().given_up, 1u);
  EXPECT_EQ(w.endpoint.in_flight(), 0u);
}

TEST(slice, past_its_deadline_a_dropped_slot_is_not_sent_again) {
  world w;
  w.endpoint.receive({7});
  w.time.advance(query_deadline + std::chrono::seconds(1));
  w.take();
  w.turn();
  EXPECT_EQ(w.endpoint.answers, (answers{{7, {rcode::servfail}}}));
}

TEST(slice, what_is_dropped_while_nobody_listens_waits_for_the_next_listener) {
  world w;
  w.endpoint.receive({7});
  w.endpoint.attach(nullptr);
  w.take();
  w.turn();
  EXPECT_TRUE(w.endpoint.answers.empty());
  test::keeping_sink next{w.endpoint};
  w.endpoint.attach(&next);
  ASSERT_EQ(next.waiting.size(), 1u);
  test::keeping_sink::answer(next.waiting[0].take());
  w.turn();
  EXPECT_EQ(w.endpoint.answers, (answers{{7, {rcode::noerror}}}));
  w.endpoint.attach(&w.sink);
}

TEST(slice, beyond_the_limit_slots_may_not_wait) {
  manual_clock time;
  loop home{0, &time};
  test::hand_endpoint endpoint{home, {2}};
  test::keeping_sink sink{endpoint};
  endpoint.attach(&sink);
  endpoint.receive({1, 2, 3});
  slice all = sink.waiting[0].take();
  std::vector<bool> may_wait;
  all.each([&](slot& s) { may_wait.push_back(s.may_wait); });
  EXPECT_EQ(may_wait, (std::vector<bool>{true, true, false}));
  all.split(0b100); // dropped: the others would be sent again, this one is shed
  test::keeping_sink::answer(std::move(all));
  home.run_turn();
  EXPECT_EQ(endpoint.counters().shed, 1u);
  EXPECT_EQ(endpoint.answers[3], std::vector<rcode>{rcode::servfail});
}

TEST(slice, a_kept_reply_goes_with_its_answer_and_no_further) {
  world w;
  w.endpoint.receive({1});
  slice one = w.take();
  batch& home = one.home();
  auto reply = std::make_shared<const dns::kept_reply>();
  const std::weak_ptr<const dns::kept_reply> alive = reply;
  answer_code(home, home[0], rcode::noerror);
  home.remember(home[0], std::move(reply));
  ASSERT_NE(home[0].reply, nullptr);
  EXPECT_EQ(home[0].reply->get(), alive.lock().get());
  answer_code(home, home[0], rcode::servfail);
  EXPECT_EQ(home[0].reply, nullptr) << "another answer";
  std::move(one).finish();
  w.turn();
  EXPECT_TRUE(alive.expired()) << "the batch went home and still holds it";
}
