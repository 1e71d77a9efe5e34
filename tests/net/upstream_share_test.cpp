// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_stream.hpp"
#include "upstream_fixture.hpp"

#include <sys/resource.h>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;

namespace {

/// Links that share few descriptors.
class upstream_share : public upstream_fixture {
protected:
  link_options sharing(const socket_address& upstream) {
    link_options options = to(upstream);
    options.shares = &shares;
    return options;
  }
  void ask_many(upstream_link& link, size_t count, const exchange_wish& how) {
    for (size_t i = 0; i < count; ++i)
      ask(link, "n" + std::to_string(i) + ".test.", how);
    turn();
  }
  size_t taken() const { return shares.taken(descriptor_use::upstreams); }

  descriptor_shares shares{100};
  const size_t all = shares.most(descriptor_use::upstreams);
  udp_upstream silent;
};

} // namespace

TEST_F(upstream_share, one_silent_upstream_takes_half_and_ends_who_waits_longest) {
  upstream_link link{home, sharing(silent.address())};
  ask_many(link, 200, wish());
  EXPECT_LE(taken(), all / 2 + 1);
  EXPECT_GE(taken(), all / 2 - 1);
  EXPECT_EQ(link.in_flight(), taken());
  ASSERT_EQ(done(), 200 - taken());
  for (size_t i = 0; i < 200; ++i)
    ASSERT_EQ(results[i].has_value(), i < done()) << "the oldest go first: " << i;
  EXPECT_EQ(results[0]->failure, exchange_failure::no_socket);
  EXPECT_EQ(results[0]->error, "dial udp " + silent.address().to_text() + ": socket: too many open files");
  pass(2s);
  EXPECT_EQ(taken(), 0u);
  EXPECT_EQ(results.back()->failure, exchange_failure::timed_out);
}

TEST_F(upstream_share, many_silent_upstreams_leave_room_for_one_more) {
  std::deque<upstream_link> links;
  for (int i = 0; i < 4; ++i)
    links.emplace_back(home, sharing(silent.address()));
  for (int round = 0; round < 100; ++round)
    for (auto& link : links)
      ask_many(link, 1, wish());
  for (auto& link : links)
    EXPECT_GE(link.in_flight(), all / 8) << "each has its part";
  EXPECT_LT(taken(), all);
  udp_upstream living;
  upstream_link link{home, sharing(living.address())};
  const size_t before = done();
  ask(link, "web.test.", wish());
  const auto q = living.receive();
  ASSERT_TRUE(q);
  living.send(q->from, good(*q));
  ASSERT_TRUE(until([&] { return results.back().has_value(); }));
  EXPECT_TRUE(results.back()->reply);
  EXPECT_EQ(done(), before + 1) << "nobody was ended for it";
}

/// Some names are never answered, the others at once: the flood of the former costs the latter nothing.
TEST_F(upstream_share, what_is_answered_soon_is_not_among_the_ended) {
  upstream_link link{home, sharing(silent.address())};
  for (int i = 0; i < 50; ++i) {
    ask_many(link, all / 4, wish());
    while (silent.receive()) {
    }
    ask(link, "web.test.", wish());
    const auto q = silent.receive();
    ASSERT_TRUE(q);
    silent.send(q->from, good(*q));
    ASSERT_TRUE(until([&] { return results.back().has_value(); }));
    EXPECT_TRUE(results.back()->reply) << results.back()->error;
  }
}

TEST_F(upstream_share, a_probe_is_not_ended_for_others) {
  upstream_link link{home, sharing(silent.address())};
  auto probe = wish(protocol::udp, 1s);
  probe.spared = true;
  ask(link, "probe.test.", probe);
  ask_many(link, 200, wish());
  EXPECT_FALSE(results[0]);
  EXPECT_TRUE(results[1]);
  pass(1s);
  EXPECT_EQ(results[0]->failure, exchange_failure::timed_out);
}

TEST_F(upstream_share, beyond_the_bound_the_oldest_is_ended) {
  descriptor_shares many{100'000};
  link_options options = to(silent.address());
  options.shares = &many;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < upstream_link::max_in_flight + 200)
    return; // then descriptors are the bound
  upstream_link link{home, options};
  for (size_t i = 0; i < upstream_link::max_in_flight + 10; ++i)
    ask(link, "web.test.", wish());
  turn();
  EXPECT_LE(link.in_flight(), upstream_link::max_in_flight + 1);
  EXPECT_TRUE(results.front());
  EXPECT_FALSE(results.back());
}

/// An octet at a time keeps no query beyond its time and no connection beyond the bound; the slowest goes first.
TEST_F(upstream_share, connections_that_drip_are_bounded) {
  descriptor_shares many{10'000};
  tcp_upstream upstream;
  link_options options = to(upstream.address());
  options.shares = &many;
  upstream_link link{home, options};
  std::vector<std::unique_ptr<tcp_peer>> peers;
  const size_t before = open_descriptors();
  for (int step = 0; step < 40; ++step) {
    ask_many(link, 10 * upstream_stream::max_waiting, wish(protocol::tcp));
    while (auto peer = upstream.accept())
      peers.push_back(std::move(peer));
    for (auto& peer : peers)
      peer->send_raw({0});
    EXPECT_LE(many.taken(descriptor_use::upstreams), upstream_link::max_connections);
    pass(10ms);
  }
  EXPECT_GT(peers.size(), upstream_link::max_in_flight / upstream_stream::max_waiting) << "others were ended";
  EXPECT_LE(open_descriptors(), before + peers.size() + upstream_link::max_connections);
  pass(3s); // who lost its connection is asked again in its turn, for as long as a query may take
  ASSERT_TRUE(results.front());
  EXPECT_FALSE(results.front()->reply);
}

TEST_F(upstream_share, connections_and_datagrams_share) {
  tcp_upstream upstream{silent.address()};
  upstream_link link{home, sharing(silent.address())};
  for (size_t i = 0; i < all; ++i)
    ask_many(link, upstream_stream::max_waiting, wish(protocol::tcp));
  const size_t connections = taken();
  EXPECT_LE(connections, all / 2 + 1);
  ask_many(link, 4 * all, wish());
  EXPECT_LE(taken(), all / 2 + 1);
  EXPECT_LT(taken(), link.in_flight()) << "half of them are connections still, with several queries each";
}
