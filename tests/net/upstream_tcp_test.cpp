// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_stream.hpp"
#include "upstream_fixture.hpp"

#include <set>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;
using dns::test::hex;

namespace {

class tcp_exchange : public upstream_fixture {
protected:
  exchange_wish by_tcp(duration within = 5s) { return wish(protocol::tcp, within); }

  std::unique_ptr<tcp_peer> accepted() {
    std::unique_ptr<tcp_peer> peer;
    EXPECT_TRUE(until([&] { return (peer = upstream.accept()) != nullptr; })) << "nobody connects";
    return peer;
  }
  seen query_on(tcp_peer& peer) {
    std::optional<seen> q;
    EXPECT_TRUE(until([&] { return (q = peer.receive()).has_value(); })) << "no query";
    return q.value_or(seen{});
  }
  void settle() {
    for (int i = 0; i < 20; ++i)
      turn();
  }

  tcp_upstream upstream;
  link_options options = sharing_connections(upstream.address());
  std::string arrow = "->" + options.to.to_text() + ": ";
};

} // namespace

TEST_F(tcp_exchange, keeps_the_connection_and_takes_answers_in_any_order) {
  upstream_link link{home, options};
  for (const char* name : {"a.test.", "b.test.", "c.test."})
    ask(link, name, by_tcp());
  auto peer = accepted();
  std::vector<seen> queries;
  for (int i = 0; i < 3; ++i)
    queries.push_back(query_on(*peer));
  for (const size_t i : {2, 0, 1})
    peer->send(good(queries[i]));
  ASSERT_TRUE(result().reply);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(results[i]->reused_connection && i == 0);
    EXPECT_EQ(results[i]->used, protocol::tcp);
  }
  ask(link, "d.test.", by_tcp());
  peer->send(good(query_on(*peer)));
  EXPECT_TRUE(result().reused_connection);
  EXPECT_FALSE(upstream.accept()) << "one connection was enough";
}

TEST_F(tcp_exchange, reads_answers_however_they_are_cut) {
  upstream_link link{home, options};
  std::unique_ptr<tcp_peer> peer;
  for (const size_t piece : {1, 2, 3, 7, 1000}) {
    ask(link, "web.test.", by_tcp());
    if (!peer)
      peer = accepted();
    const octets reply = good(query_on(*peer));
    const octets framed = dns::test::be16(static_cast<unsigned>(reply.size())) + reply;
    for (size_t at = 0; at < framed.size(); at += piece) {
      EXPECT_FALSE(all_done());
      peer->send_raw({framed.begin() + static_cast<ptrdiff_t>(at),
                      framed.begin() + static_cast<ptrdiff_t>(std::min(at + piece, framed.size()))});
      settle();
    }
    EXPECT_TRUE(result().reply) << piece;
  }
}

TEST_F(tcp_exchange, takes_the_largest_message) {
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  auto peer = accepted();
  const seen q = query_on(*peer);
  octets reply = dns::test::reply_to(q.query, q.query.id, 0, {});
  const octets record = hex("c00c 0010 0001 0000001e 0100 ff") + dns::test::repeat('x', 255);
  unsigned records = 0;
  for (; reply.size() + record.size() <= 65535; ++records)
    reply = reply + record;
  reply = reply + hex("c00c 0001 0001 0000001e 0004 01020304");
  reply[6] = static_cast<uint8_t>((records + 1) >> 8), reply[7] = static_cast<uint8_t>(records + 1);
  ASSERT_GT(reply.size(), 65'250u);
  peer->send(reply);
  ASSERT_TRUE(result().reply) << result().error;
  EXPECT_EQ(result().reply->ttls.size(), 1u);
}

TEST_F(tcp_exchange, u1_silence_and_the_connection_gets_no_more_queries) {
  options = knowing_edns(upstream.address(), time.now());
  options.side_by_side = 1;
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  auto silent = accepted();
  const seen q = query_on(*silent);
  ask(link, "other.test.", by_tcp(1s));
  query_on(*silent);
  pass(1s);
  EXPECT_EQ(results[1]->failure, exchange_failure::timed_out);
  EXPECT_TRUE(results[1]->error.starts_with("read tcp 127.0.0.1:")) << results[1]->error;
  EXPECT_TRUE(results[1]->error.ends_with(arrow + "i/o timeout")) << results[1]->error;
  ask(link, "third.test.", by_tcp());
  auto fresh = accepted();
  fresh->send(good(query_on(*fresh)));
  EXPECT_FALSE(silent->closed_by_link()) << "one still waits on it";
  silent->send(good(q));
  EXPECT_TRUE(result().reply);
  EXPECT_TRUE(results[0]->reply);
  settle();
  EXPECT_TRUE(silent->closed_by_link());
}

TEST_F(tcp_exchange, u1_a_connection_that_never_comes_about) {
  upstream.fall_silent();
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  pass(2s - 1ms);
  EXPECT_FALSE(all_done());
  pass(1ms);
  EXPECT_EQ(result().failure, exchange_failure::timed_out);
  EXPECT_EQ(result().error, "dial tcp " + options.to.to_text() + ": i/o timeout");
}

TEST_F(tcp_exchange, u2_refusal_ends_at_once) {
  udp_upstream udp_only;
  upstream_link link{home, to(udp_only.address())};
  ask(link, "web.test.", by_tcp());
  EXPECT_EQ(result().failure, exchange_failure::refused);
  EXPECT_EQ(result().error, "dial tcp " + udp_only.address().to_text() + ": connect: connection refused");
}

TEST_F(tcp_exchange, u3_and_u4_what_is_no_answer_is_dropped) {
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  auto peer = accepted();
  const seen q = query_on(*peer);
  for (const size_t octet : {0, 13}) {
    octets wrong = good(q);
    wrong[octet] ^= 1;
    peer->send(wrong);
  }
  peer->send(q.packet);
  settle();
  EXPECT_FALSE(all_done());
  peer->send(good(q));
  EXPECT_TRUE(result().reply);
}

TEST_F(tcp_exchange, u6_truncated_by_udp_is_asked_again_by_tcp) {
  udp_upstream by_udp;
  tcp_upstream by_tcp_too{by_udp.address()};
  upstream_link link{home, to(by_udp.address())};
  const struct {
    refetch when;
    bool empty, again;
  } cases[] = {{refetch::always, true, true},     {refetch::always, false, true}, {refetch::if_empty, true, true},
               {refetch::if_empty, false, false}, {refetch::never, true, false},  {refetch::never, false, false}};
  for (auto& [when, empty, again] : cases) {
    auto how = wish();
    how.truncated = when;
    ask(link, "web.test.", how);
    const auto q = by_udp.receive();
    ASSERT_TRUE(q);
    octets cut = empty ? good(*q, dns::flag::tc) : good(*q);
    cut[2] |= dns::flag::tc >> 8;
    by_udp.send(q->from, cut);
    by_udp.send(q->from, good(*q)); // too late: the first one counted
    std::unique_ptr<tcp_peer> peer;
    ASSERT_TRUE(until([&] { return all_done() || (peer = by_tcp_too.accept()); }));
    EXPECT_EQ(peer != nullptr, again);
    if (peer)
      peer->send(good(query_on(*peer)));
    ASSERT_TRUE(result().reply);
    EXPECT_EQ(result().reply->truncated(), !again);
    EXPECT_EQ(result().reply->found, again || !empty);
    EXPECT_EQ(result().used, again ? protocol::tcp : protocol::udp);
  }
}

TEST_F(tcp_exchange, u6_without_tcp_the_truncated_reply_is_given) {
  udp_upstream by_udp;
  for (const char* tcp : {"refuses", "closes", "is silent"}) {
    std::unique_ptr<tcp_upstream> listening;
    if (tcp != std::string{"refuses"})
      listening = std::make_unique<tcp_upstream>(by_udp.address());
    upstream_link link{home, to(by_udp.address())};
    ask(link, "web.test.", wish());
    const auto q = by_udp.receive();
    ASSERT_TRUE(q);
    by_udp.send(q->from, good(*q, dns::flag::tc));
    settle();
    if (tcp == std::string{"closes"}) {
      ASSERT_TRUE(until([&] { return listening->accept(), all_done(); }));
    }
    if (tcp == std::string{"is silent"})
      pass(2s);
    ASSERT_TRUE(result().reply) << tcp;
    EXPECT_TRUE(result().reply->truncated()) << tcp;
  }
}

TEST_F(tcp_exchange, u7_closing_costs_at_most_two_reconnects) {
  for (const size_t closings : {1, 2, 3}) {
    upstream_link link{home, options};
    ask(link, "web.test.", by_tcp());
    for (size_t i = 0; i < closings; ++i) {
      auto peer = accepted();
      query_on(*peer);
    }
    if (closings < 3) {
      auto peer = accepted();
      peer->send(good(query_on(*peer)));
      EXPECT_TRUE(result().reply);
      continue;
    }
    EXPECT_EQ(result().failure, exchange_failure::closed);
    EXPECT_TRUE(result().error == "EOF" || result().error.ends_with("connection reset by peer")) << result().error;
    settle();
    EXPECT_FALSE(upstream.accept());
  }
}

/// CVE-2020-12662 and -12663: however an upstream misbehaves, one exchange sends it at most five messages.
TEST_F(tcp_exchange, the_worst_upstream_is_sent_five_messages) {
  udp_upstream by_udp;
  tcp_upstream by_tcp_too{by_udp.address()};
  upstream_link link{home, to(by_udp.address())};
  ask(link, "web.test.", wish());
  std::vector<std::unique_ptr<tcp_peer>> peers;
  size_t by_datagram = 0, by_stream = 0;
  ASSERT_TRUE(until([&] {
    while (const auto q = by_udp.receive())
      by_udp.send(q->from, good(*q, ++by_datagram == 1 ? 1 : unsigned{dns::flag::tc}));
    while (auto peer = by_tcp_too.accept())
      peers.push_back(std::move(peer));
    std::erase_if(peers, [&](auto& peer) {
      const bool came = peer->receive().has_value();
      by_stream += came;
      return came; // closes it
    });
    return all_done();
  }));
  settle();
  EXPECT_EQ(by_datagram, 2u) << "without EDNS the second time";
  EXPECT_EQ(by_stream, 3u);
  EXPECT_FALSE(by_udp.receive());
  EXPECT_FALSE(by_tcp_too.accept());
  EXPECT_TRUE(result().reply) << "what came cut is better than nothing";
}

TEST_F(tcp_exchange, u7_one_that_answers_once_and_closes_serves_all) {
  upstream_link link{home, options};
  constexpr size_t queries = 200;
  for (size_t i = 0; i < queries; ++i)
    ask(link, "n" + std::to_string(i) + ".test.", by_tcp());
  std::vector<std::unique_ptr<tcp_peer>> peers;
  ASSERT_TRUE(until([&] {
    while (auto peer = upstream.accept())
      peers.push_back(std::move(peer));
    std::erase_if(peers, [&](auto& peer) {
      const auto q = peer->receive();
      if (q)
        peer->send(good(*q));
      return q.has_value();
    });
    return all_done();
  }));
  for (auto& r : results)
    EXPECT_TRUE(r->reply) << r->error;
}

TEST_F(tcp_exchange, u8_nonsense_is_survived) {
  const struct {
    const char* what;
    octets sent;     // with its length; empty: the reply with its last octet missing
    bool asks_again; // the stream is lost
  } cases[] = {
    {"a length of zero", hex("0000"), true},
    {"a message of eleven octets", hex("000b") + dns::test::repeat(0, 11), true},
    {"a reply cut short", {}, false},
  };
  for (auto& c : cases) {
    upstream_link link{home, options};
    ask(link, "web.test.", by_tcp());
    auto peer = accepted();
    octets cut = good(query_on(*peer));
    cut.pop_back();
    c.sent.empty() ? peer->send(cut) : peer->send_raw(c.sent);
    if (c.asks_again) {
      auto fresh = accepted();
      fresh->send(good(query_on(*fresh)));
      EXPECT_TRUE(result().reply) << c.what;
    } else {
      EXPECT_EQ(result().failure, exchange_failure::malformed) << c.what;
      EXPECT_TRUE(result().error.ends_with("malformed reply")) << result().error;
    }
  }
}

TEST_F(tcp_exchange, u12_edns_is_left_out_on_the_same_connection) {
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  auto peer = accepted();
  peer->send(good(query_on(*peer), 1));
  const seen again = query_on(*peer);
  EXPECT_FALSE(again.query.edns.present);
  peer->send(good(again));
  EXPECT_EQ(result().reply->rcode, 0);
}

TEST_F(tcp_exchange, connections_end_when_idle_old_or_too_many) {
  const struct {
    const char* what;
    duration expire, max_age;
    unsigned max_idle;
    size_t connections; // opened before
    duration kept;      // all of those that stay
    size_t stay;        // right after the answers
  } cases[] = {
    {"idle", 10s, 0s, 0, 1, 10s, 1},
    {"old", 10s, 12s, 0, 1, 10s, 1},
    {"older than it may be idle", 10s, 4s, 0, 1, 4s, 1},
    {"three, none too many", 10s, 0s, 0, 3, 10s, 3},
    {"three, one may idle", 10s, 0s, 1, 3, 10s, 1},
  };
  for (auto& c : cases) {
    options.expire = c.expire;
    options.max_age = c.max_age;
    options.max_idle_connections = c.max_idle;
    upstream_link link{home, options};
    for (size_t i = 0; i < c.connections * upstream_stream::max_waiting; ++i)
      ask(link, "web.test.", by_tcp());
    std::vector<std::unique_ptr<tcp_peer>> peers;
    while (peers.size() < c.connections)
      peers.push_back(accepted());
    ASSERT_TRUE(until([&] {
      for (auto& peer : peers)
        while (const auto q = peer->receive())
          peer->send(good(*q));
      return all_done();
    }))
      << c.what;
    const auto open = [&] {
      settle();
      return static_cast<size_t>(
        std::count_if(peers.begin(), peers.end(), [](auto& peer) { return !peer->closed_by_link(); }));
    };
    EXPECT_EQ(open(), c.stay) << c.what;
    pass(c.kept - 1ms);
    EXPECT_EQ(open(), c.stay) << c.what;
    pass(1ms);
    EXPECT_EQ(open(), 0u) << c.what;
  }
}

TEST_F(tcp_exchange, an_idle_connection_that_the_upstream_closes_is_not_used) {
  upstream_link link{home, options};
  ask(link, "web.test.", by_tcp());
  auto peer = accepted();
  peer->send(good(query_on(*peer)));
  EXPECT_TRUE(result().reply);
  peer->close();
  settle();
  ask(link, "web.test.", by_tcp());
  peer = accepted();
  peer->send(good(query_on(*peer)));
  EXPECT_TRUE(result().reply);
  EXPECT_FALSE(result().reused_connection);
}

TEST_F(tcp_exchange, seventy_thousand_queries_on_one_connection_meet_no_id_twice_at_a_time) {
  upstream_link link{home, options};
  std::unique_ptr<tcp_peer> peer;
  constexpr size_t rounds = 1'100, at_once = upstream_stream::max_waiting;
  size_t right = 0;
  for (size_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < at_once; ++i)
      link.ask(dns::test::asked("n" + std::to_string(i) + ".test."), by_tcp(), [&, i](exchange_result&& r) {
        const auto name = dns::test::wire_name("n" + std::to_string(i) + ".test.");
        right += r.reply && std::equal(name.begin(), name.end(), r.reply->image.begin() + dns::header_octets);
      });
    if (!peer)
      peer = accepted();
    std::vector<seen> queries;
    while (queries.size() < at_once)
      queries.push_back(query_on(*peer));
    std::set<uint16_t> ids;
    for (auto& q : queries)
      ids.insert(q.query.id);
    ASSERT_EQ(ids.size(), at_once);
    std::reverse(queries.begin(), queries.end());
    for (auto& q : queries)
      peer->send(good(q));
    ASSERT_TRUE(until([&] { return link.in_flight() == 0; }));
  }
  EXPECT_EQ(right, rounds * at_once);
  EXPECT_GE(right, 70'000u);
  EXPECT_FALSE(upstream.accept());
}
