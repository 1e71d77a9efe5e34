// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_stream.hpp"
#include "upstream_fixture.hpp"

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;

namespace {

/// A query at an upstream that has several connections.
struct received {
  tcp_peer* peer;
  seen query;
  std::string name() const { return dns::to_text(query.query.name_as_sent()); }
};

/// Several queries at a time by TCP; what the upstream has is in `got`, in the order of each connection.
class tcp_order : public upstream_fixture {
protected:
  void ask_by_tcp(upstream_link& link, const std::string& name, size_t count = 1) {
    for (size_t i = 0; i < count; ++i)
      ask(link, name + std::to_string(i) + ".test.", wish(protocol::tcp));
  }
  void read() {
    while (auto peer = upstream.accept())
      peers.push_back(std::move(peer));
    for (auto& peer : peers)
      while (auto q = peer->receive())
        got.push_back({peer.get(), std::move(*q)});
  }
  bool has(size_t queries) {
    return until([&] { return read(), got.size() >= queries; });
  }
  /// One after the other on each connection; behind a slow name nothing is answered.
  void answer_in_order() {
    read();
    std::vector<tcp_peer*> stuck;
    std::erase_if(got, [&](const received& one) {
      if (std::find(stuck.begin(), stuck.end(), one.peer) != stuck.end())
        return false;
      if (one.name().starts_with("slow")) {
        stuck.push_back(one.peer);
        return false;
      }
      one.peer->send(good(one.query));
      return true;
    });
  }
  void answer_backwards() {
    for (; !got.empty(); got.pop_back())
      got.back().peer->send(good(got.back().query));
  }

  tcp_upstream upstream;
  std::vector<std::unique_ptr<tcp_peer>> peers;
  std::vector<received> got;
};

} // namespace

TEST_F(tcp_order, slow_names_hold_up_no_others) {
  upstream_link link{home, to(upstream.address())};
  ask_by_tcp(link, "slow", 3);
  ask_by_tcp(link, "quick", 20);
  EXPECT_TRUE(until([&] { return answer_in_order(), done() == 20; })) << done() << " of 20";
  for (size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].has_value(), i >= 3) << i;
  EXPECT_EQ(peers.size(), 23u);
  ask_by_tcp(link, "more", 20);
  EXPECT_TRUE(until([&] { return answer_in_order(), done() == 40; }));
  EXPECT_EQ(peers.size(), 23u) << "those that were kept";
}

TEST_F(tcp_order, beyond_the_bound_they_share_the_emptiest) {
  upstream_link link{home, to(upstream.address())};
  ask_by_tcp(link, "slow", 3);
  ask_by_tcp(link, "quick", 197);
  ASSERT_TRUE(has(200));
  EXPECT_EQ(peers.size(), 64u);
  EXPECT_TRUE(until([&] { return answer_in_order(), done() >= 197 - 3 * 3; })) << "three or four on each";
  ask_by_tcp(link, "late", 20);
  const size_t before = done();
  EXPECT_TRUE(until([&] { return answer_in_order(), done() == before + 20; })) << "not where slow ones wait";
}

TEST_F(tcp_order, who_answers_out_of_order_gets_all_on_one_connection) {
  link_options options = to(upstream.address());
  options.side_by_side = 2;
  upstream_link link{home, options};
  ask_by_tcp(link, "both", 4);
  ASSERT_TRUE(has(4));
  EXPECT_EQ(peers.size(), 2u);
  answer_backwards();
  ASSERT_TRUE(until([&] { return all_done(); }));
  pass(1ms);
  ask_by_tcp(link, "after", 10);
  ASSERT_TRUE(has(10));
  for (auto& one : got)
    EXPECT_EQ(one.peer, got.front().peer);
  pass(2s);
  EXPECT_EQ(done(), 14u) << "nothing came: how it answers is not known any more";
  got.clear();
  ask_by_tcp(link, "again", 2);
  ASSERT_TRUE(has(2));
  EXPECT_NE(got[0].peer, got[1].peer);
}

TEST_F(tcp_order, where_descriptors_are_scarce_they_share_and_none_is_ended) {
  descriptor_shares few{40};
  link_options options = to(upstream.address());
  options.shares = &few;
  upstream_link link{home, options};
  const size_t all = few.most(descriptor_use::upstreams);
  ask_by_tcp(link, "quick", 200);
  ASSERT_TRUE(has(200));
  EXPECT_EQ(done(), 0u);
  EXPECT_LE(peers.size(), all / 2 + 1);
  EXPECT_TRUE(until([&] { return answer_in_order(), all_done(); }));
  for (auto& r : results)
    EXPECT_TRUE(r->reply);
}
