// SPDX-License-Identifier: Apache-2.0
#include "net/dns/wire.hpp"
#include "upstream_fixture.hpp"

#include <set>
#include <sys/resource.h>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;
using dns::test::hex;

namespace {

class udp_exchange : public upstream_fixture {
protected:
  udp_upstream upstream;
  link_options options = to(upstream.address());
  std::string arrow = "->" + options.to.to_text() + ": ";
};

} // namespace

TEST_F(udp_exchange, gives_what_the_upstream_says) {
  upstream_link link{home, options};
  ask(link, "WeB.test.", wish());
  EXPECT_EQ(link.in_flight(), 1u);
  const auto q = upstream.receive();
  ASSERT_TRUE(q);
  EXPECT_EQ(dns::to_text(q->query.name_as_sent()), "WeB.test.") << "spelled as the client did";
  EXPECT_EQ(q->query.edns.udp_payload, dns::our_udp_payload);
  upstream.send(q->from, good(*q));
  time.advance(3ms);
  const auto& got = result();
  ASSERT_TRUE(got.reply) << got.error;
  EXPECT_EQ(got.failure, exchange_failure::none);
  EXPECT_EQ(got.took, 3ms);
  EXPECT_EQ(got.used, protocol::udp);
  EXPECT_EQ(link.in_flight(), 0u);
}

TEST_F(udp_exchange, goes_out_from_random_ports_with_random_ids) {
  std::set<uint16_t> ports, ids;
  for (int i = 0; i < 1'000; ++i) {
    upstream_link link{home, options};
    ask(link, "web.test.", wish());
    const auto q = upstream.receive();
    ASSERT_TRUE(q);
    ports.insert(q->from.port());
    ids.insert(q->query.id);
  }
  EXPECT_GT(ports.size(), 900u);
  EXPECT_GT(ids.size(), 950u);
}

TEST_F(udp_exchange, u1_silence_ends_at_the_first_of_two_limits) {
  struct {
    duration read_timeout, deadline, ends;
  } cases[] = {{2s, 5s, 2s}, {2s, 1s, 1s}, {100ms, 5s, 100ms}, {2s, 0s, 0s}, {2s, -1s, 0s}};
  for (auto& c : cases) {
    options = knowing_edns(upstream.address(), time.now());
    options.read_timeout = c.read_timeout;
    upstream_link link{home, options};
    ask(link, "web.test.", wish(protocol::udp, c.deadline));
    const auto q = upstream.receive();
    ASSERT_TRUE(q);
    if (c.ends != 0s) {
      pass(c.ends - 1ms);
      EXPECT_FALSE(all_done());
      pass(1ms);
    }
    const auto& got = result();
    EXPECT_EQ(got.failure, exchange_failure::timed_out);
    EXPECT_EQ(got.error, "read udp " + q->from.to_text() + arrow + "i/o timeout");
    EXPECT_EQ(got.took, c.ends);
    EXPECT_EQ(link.in_flight(), 0u);
  }
}

TEST_F(udp_exchange, u2_refusal_ends_at_once) {
  upstream_link link{home, options};
  upstream.close();
  ask(link, "web.test.", wish());
  const auto& got = result();
  EXPECT_EQ(got.failure, exchange_failure::refused);
  EXPECT_TRUE(got.error.starts_with("read udp 127.0.0.1:")) << got.error;
  EXPECT_TRUE(got.error.ends_with(arrow + "read: connection refused")) << got.error;
}

TEST_F(udp_exchange, u3_to_u5_and_u8_what_is_no_answer_is_dropped_and_waiting_goes_on) {
  udp_upstream stranger;
  const struct {
    const char* what;
    std::function<octets(const seen&)> reply;
    bool from_stranger, unreadable;
  } cases[] = {
    {"another ID",
     [](auto& q) {
       auto r = good(q);
       r[0] ^= 1;
       return r;
     },
     false, false},
    {"the question of another",
     [](auto& q) {
       auto r = good(q);
       r[13] = 'v';
       return r;
     },
     false, false},
    {"the query itself", [](auto& q) { return q.packet; }, false, false},
    {"from another port", [](auto& q) { return good(q); }, true, false},
    {"nothing", [](auto&) { return octets{}; }, false, false},
    {"a header alone",
     [](auto& q) {
       auto r = good(q);
       r.resize(12);
       return r;
     },
     false, false},
    {"cut",
     [](auto& q) {
       auto r = good(q);
       r.pop_back();
       return r;
     },
     false, true},
    {"a pointer to itself",
     [](auto& q) {
       auto r = good(q);
       r[29] = 28;
       r[28] = 0xc0;
       r[26] = 0xc0;
       r[27] = 26;
       return r;
     },
     false, true},
    {"counts that lie",
     [](auto& q) {
       auto r = good(q);
       r[6] = 0xff;
       return r;
     },
     false, true},
  };
  for (auto& c : cases) {
    upstream_link link{home, options};
    for (const bool comes : {true, false}) {
      ask(link, "web.test.", wish());
      const auto q = upstream.receive();
      ASSERT_TRUE(q);
      (c.from_stranger ? stranger : upstream).send(q->from, c.reply(*q));
      for (int i = 0; i < 5; ++i)
        turn();
      EXPECT_FALSE(all_done()) << c.what;
      if (comes)
        upstream.send(q->from, good(*q));
      else
        pass(2s);
      EXPECT_EQ(result().reply != nullptr, comes) << c.what;
      EXPECT_EQ(result().failure, comes          ? exchange_failure::none
                                  : c.unreadable ? exchange_failure::malformed
                                                 : exchange_failure::timed_out)
        << c.what;
    }
  }
}

TEST_F(udp_exchange, u9_to_u11_only_what_was_asked_for_is_kept) {
  upstream_link link{home, options};
  ask(link, "web.test.", wish());
  const auto q = upstream.receive();
  ASSERT_TRUE(q);
  upstream.send(q->from, dns::test::reply_to(q->query, q->query.id, 0,
                                             {"web.test. 2147483648 CNAME a.test.", "bank.test. 9 A 6.6.6.6",
                                              "a.test. 4294967295 CNAME web.test."},
                                             {"test. 9 NS n.test."}, {"n.test. 9 A 6.6.6.6"}));
  const auto& got = result();
  ASSERT_TRUE(got.reply);
  EXPECT_EQ(got.reply->ttls.size(), 3u) << "the loop's two links and the referral";
  EXPECT_EQ(got.reply->least_ttl, 9u);
  EXPECT_TRUE(got.reply->nodata);
}

TEST_F(udp_exchange, u14_a_late_reply_meets_a_closed_socket) {
  upstream_link link{home, options};
  ask(link, "web.test.", wish());
  const auto first = upstream.receive();
  pass(2s);
  EXPECT_EQ(result().failure, exchange_failure::timed_out);
  ask(link, "web.test.", wish(protocol::udp, 20s));
  const auto second = upstream.receive();
  ASSERT_TRUE(first && second);
  octets late = good(*first);
  late[0] = second->packet[0], late[1] = second->packet[1]; // even with the ID of the new one
  upstream.send(first->from, late);
  for (int i = 0; i < 5; ++i)
    turn();
  EXPECT_FALSE(all_done());
  upstream.send(second->from, good(*second));
  EXPECT_TRUE(result().reply);
}

/// DNSBomb (CVE-2024-33655): an upstream that holds its answers back and gives them all at once.
TEST_F(udp_exchange, u14_a_burst_of_late_replies_reaches_nobody) {
  upstream_link link{home, options};
  const size_t before = open_descriptors();
  std::vector<seen> held;
  for (int i = 0; i < 200; ++i) {
    ask(link, "web.test.", wish());
    held.push_back(upstream.receive().value());
  }
  pass(2s);
  EXPECT_TRUE(all_done());
  for (auto& q : held)
    upstream.send(q.from, good(q));
  for (int i = 0; i < 5; ++i)
    turn();
  for (auto& r : results)
    EXPECT_EQ(r->failure, exchange_failure::timed_out);
  EXPECT_LE(open_descriptors(), before + 1) << "the link's epoll set";
}

TEST_F(udp_exchange, without_descriptors_fails_and_leaks_none) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const size_t before = open_descriptors();
  {
    upstream_link link{home, options};
    rlimit low = limit;
    low.rlim_cur = static_cast<rlim_t>(before + 4);
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int i = 0; i < 50; ++i)
      ask(link, "web.test.", wish());
    ask(link, "web.test.", wish(protocol::tcp));
    ::setrlimit(RLIMIT_NOFILE, &limit);
    turn();
    EXPECT_GT(done(), 40u);
    EXPECT_EQ(results.front()->failure, exchange_failure::no_socket);
    EXPECT_EQ(results.front()->error, "dial udp " + options.to.to_text() + ": socket: too many open files");
    EXPECT_FALSE(results[49]) << "who waits longest makes room";
    pass(10s);
    EXPECT_TRUE(all_done());
    EXPECT_EQ(open_descriptors(), before + 1) << "only the link's epoll set";
  }
  turn();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(udp_exchange, what_is_in_flight_when_the_link_goes_is_told) {
  tcp_upstream listening{options.to};
  auto link = std::make_unique<upstream_link>(home, options);
  ask(*link, "web.test.", wish());
  ask(*link, "web.test.", wish(protocol::tcp));
  size_t again = 0;
  upstream_link& ending = *link;
  link->ask(dns::test::asked("web.test."), wish(), [&](exchange_result&&) {
    ending.ask(dns::test::asked("web.test."), wish(), [&](exchange_result&& r) {
      EXPECT_EQ(r.failure, exchange_failure::link_gone);
      ++again;
    });
  });
  link.reset();
  ASSERT_TRUE(all_done());
  for (auto& r : results)
    EXPECT_EQ(r->failure, exchange_failure::link_gone) << r->error;
  EXPECT_EQ(again, 0u);
  pass(10s); // whatever was armed meets nothing
  EXPECT_EQ(again, 1u);
}

TEST_F(udp_exchange, may_end_the_link_or_ask_again_from_its_result) {
  auto link = std::make_unique<upstream_link>(home, options);
  ask(*link, "other.test.", wish());
  size_t calls = 0;
  link->ask(dns::test::asked("web.test."), wish(), [&](exchange_result&&) {
    ++calls;
    link->ask(dns::test::asked("web.test."), wish(), [&](exchange_result&&) {
      ++calls;
      link.reset();
    });
  });
  upstream.receive();
  for (size_t n = 1; n <= 2; ++n) {
    const auto q = upstream.receive();
    ASSERT_TRUE(q);
    upstream.send(q->from, good(*q));
    ASSERT_TRUE(until([&] { return calls == n; }));
  }
  EXPECT_EQ(result().failure, exchange_failure::link_gone);
  EXPECT_FALSE(link);
}

TEST_F(upstream_fixture, talks_ipv6_and_from_a_given_address) {
  const descriptor fd = must(open_udp(socket_address::from_text("::1", 0).value()));
  link_options options = to(bound_address(fd.get()));
  options.from = socket_address::from_text("::1", 0);
  upstream_link link{home, options};
  ask(link, "web.test.", wish());
  pass(2s);
  EXPECT_TRUE(result().error.starts_with("read udp [::1]:")) << result().error;
  EXPECT_TRUE(result().error.ends_with("i/o timeout")) << result().error;
}
