// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_edns.hpp"
#include "upstream_fixture.hpp"

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;

namespace {

/// `reply` with an OPT that has the upper eight bits of an rcode.
octets with_opt(octets reply, uint8_t upper_rcode = 0) {
  octets opt = dns::test::opt();
  opt[5] = upper_rcode;
  reply[11] = 1;
  return reply + opt;
}

octets bare(const seen& q, unsigned rcode) {
  return dns::test::be16(q.query.id) + dns::test::be16(dns::flag::qr | rcode) + octets(8);
}

class edns_exchange : public upstream_fixture {
protected:
  seen query() {
    std::optional<seen> got;
    EXPECT_TRUE(until([&] { return (got = upstream.receive()).has_value(); })) << "nothing was asked";
    return got.value_or(seen{});
  }
  bool silent() {
    for (int i = 0; i < 5; ++i)
      turn();
    return !upstream.receive();
  }
  /// Asks, and answers what comes without OPT only; how often that is left out from the start is what it is about.
  bool asked_with_opt(upstream_link& link) {
    ask(link, "web.test.", wish());
    const seen q = query();
    if (q.query.edns.present)
      upstream.send(q.from, good(q, 1));
    const seen plain = q.query.edns.present ? query() : q;
    upstream.send(plain.from, good(plain));
    EXPECT_TRUE(result().reply);
    return q.query.edns.present;
  }
  std::unique_ptr<tcp_peer> accepted(tcp_upstream& by_tcp) {
    std::unique_ptr<tcp_peer> peer;
    EXPECT_TRUE(until([&] { return (peer = by_tcp.accept()) != nullptr; })) << "nobody connects";
    return peer;
  }
  seen query_on(tcp_peer& peer) {
    std::optional<seen> q;
    EXPECT_TRUE(until([&] { return (q = peer.receive()).has_value(); })) << "no query";
    return q.value_or(seen{});
  }

  udp_upstream upstream;
};

} // namespace

TEST_F(edns_exchange, u12_an_error_that_may_be_about_edns_is_asked_again_without) {
  using reply = octets (*)(const seen&);
  const struct {
    const char* what;
    reply to_edns, to_plain;
    size_t asked;
    unsigned given;
  } cases[] = {
    {"FORMERR", [](auto& q) { return good(q, 1); }, [](auto& q) { return good(q); }, 2, 0},
    {"NOTIMP", [](auto& q) { return good(q, 4); }, [](auto& q) { return good(q); }, 2, 0},
    {"FORMERR twice", [](auto& q) { return good(q, 1); }, [](auto& q) { return good(q, 1); }, 2, 1},
    {"FORMERR, NOTIMP", [](auto& q) { return good(q, 1); }, [](auto& q) { return good(q, 4); }, 2, 4},
    {"SERVFAIL", [](auto& q) { return good(q, 2); }, [](auto& q) { return good(q); }, 2, 0},
    {"SERVFAIL twice", [](auto& q) { return good(q, 2); }, [](auto& q) { return good(q, 2); }, 2, 2},
    {"REFUSED", [](auto& q) { return good(q, 5); }, [](auto& q) { return good(q, 3); }, 2, 3},
    {"SERVFAIL of one that knows EDNS", [](auto& q) { return with_opt(good(q, 2)); }, nullptr, 1, 2},
    {"REFUSED of one that knows EDNS", [](auto& q) { return with_opt(good(q, 5)); }, nullptr, 1, 5},
    {"BADVERS", [](auto& q) { return with_opt(good(q, dns::flag::ra), 1); }, [](auto& q) { return good(q); }, 2, 0},
    {"a bare FORMERR", [](auto& q) { return bare(q, 1); }, [](auto& q) { return good(q); }, 2, 0},
    {"a bare SERVFAIL, twice", [](auto& q) { return bare(q, 2); }, [](auto& q) { return bare(q, 2); }, 2, 2},
    {"NXDOMAIN", [](auto& q) { return good(q, 3); }, nullptr, 1, 3},
  };
  for (auto& c : cases) {
    SCOPED_TRACE(c.what);
    auto options = to(upstream.address());
    options.edns = std::make_shared<upstream_edns>();
    upstream_link link{home, options};
    ask(link, "web.test.", wish());
    const seen first = query();
    EXPECT_TRUE(first.query.edns.present);
    upstream.send(first.from, c.to_edns(first));
    if (c.asked == 2) {
      const seen again = query();
      EXPECT_FALSE(again.query.edns.present);
      EXPECT_NE(again.from.port(), first.from.port()) << "a fresh socket";
      upstream.send(again.from, c.to_plain(again));
    }
    ASSERT_TRUE(result().reply);
    EXPECT_EQ(result().reply->rcode, c.given);
    EXPECT_EQ(options.edns->left_out(), c.asked == 2 && (c.given == 0 || c.given == 3)) << "is it known to fail?";
    EXPECT_EQ(options.edns->speaks(time.now()), std::string_view{c.what}.ends_with("knows EDNS"));
    EXPECT_TRUE(silent());
  }
}

TEST_F(edns_exchange, u12_without_a_second_answer_the_first_is_given) {
  upstream_link link{home, to(upstream.address())};
  ask(link, "web.test.", wish());
  const seen first = query();
  upstream.send(first.from, good(first, 1));
  query();
  pass(2s);
  ASSERT_TRUE(result().reply);
  EXPECT_EQ(result().reply->rcode, 1);
}

/// The whole attempt takes no longer than one to a dead upstream does.
TEST_F(edns_exchange, u12_silence_is_asked_without_when_half_of_the_time_is_over) {
  upstream_link link{home, to(upstream.address())};
  ask(link, "web.test.", wish());
  const seen first = query();
  pass(1s - 1ms);
  EXPECT_TRUE(silent());
  pass(1ms);
  const seen again = query();
  EXPECT_TRUE(first.query.edns.present);
  EXPECT_FALSE(again.query.edns.present);
  EXPECT_EQ(again.query.id, first.query.id) << "nobody gets a second guess";
  EXPECT_EQ(again.from.port(), first.from.port());
  upstream.send(again.from, good(again));
  ASSERT_TRUE(result().reply);
  EXPECT_EQ(result().took, 1s);
  EXPECT_FALSE(asked_with_opt(link)) << "remembered";
}

TEST_F(edns_exchange, u12_whichever_is_answered_first_counts) {
  using replies = void (*)(udp_upstream&, const seen&, const seen&);
  const struct {
    const char* what;
    replies come;
    unsigned given;
  } cases[] = {
    {"the first, late", [](auto& u, auto& q, auto&) { u.send(q.from, good(q)); }, 0},
    {"an error about it first",
     [](auto& u, auto& q, auto& plain) {
       u.send(q.from, good(q, 2));
       u.send(plain.from, good(plain));
     },
     0},
    {"nothing but that error", [](auto& u, auto& q, auto&) { u.send(q.from, good(q, 2)); }, 2},
  };
  for (auto& c : cases) {
    upstream_link link{home, to(upstream.address())};
    ask(link, "web.test.", wish());
    const seen first = query();
    pass(1s);
    c.come(upstream, first, query());
    for (int i = 0; i < 5; ++i)
      turn();
    pass(1s);
    ASSERT_TRUE(result().reply) << c.what;
    EXPECT_EQ(result().reply->rcode, c.given) << c.what;
  }
}

TEST_F(edns_exchange, u12_silence_of_one_that_speaks_edns_has_other_reasons) {
  upstream_link link{home, to(upstream.address())};
  for (const duration since : {0s, 59s, 60s}) {
    ask(link, "web.test.", wish());
    const seen q = query();
    upstream.send(q.from, with_opt(good(q)));
    ASSERT_TRUE(result().reply);
    pass(since);
    ask(link, "web.test.", wish());
    query();
    pass(1s);
    EXPECT_EQ(silent(), since < upstream_edns::trusted);
    pass(1s);
    EXPECT_EQ(result().failure, exchange_failure::timed_out);
  }
}

TEST_F(edns_exchange, u12_what_was_found_is_tried_again_after_pauses) {
  upstream_link link{home, to(upstream.address())};
  EXPECT_TRUE(asked_with_opt(link));
  for (const duration pause : {10s, 20s, 40s}) {
    pass(pause - 1ms);
    EXPECT_FALSE(asked_with_opt(link));
    pass(1ms);
    EXPECT_TRUE(asked_with_opt(link)) << "one tries it";
    EXPECT_FALSE(asked_with_opt(link));
  }
  pass(80s);
  ask(link, "web.test.", wish());
  const seen q = query();
  upstream.send(q.from, with_opt(good(q)));
  EXPECT_TRUE(result().reply);
  EXPECT_TRUE(asked_with_opt(link)) << "mended";
}

TEST_F(edns_exchange, u12_what_was_found_outlasts_the_link) {
  auto options = to(upstream.address());
  options.edns = std::make_shared<upstream_edns>();
  EXPECT_TRUE(asked_with_opt(*std::make_unique<upstream_link>(home, options)));
  EXPECT_TRUE(options.edns->left_out());
  EXPECT_FALSE(asked_with_opt(*std::make_unique<upstream_link>(home, options)));
}

TEST_F(edns_exchange, u12_by_tcp_silence_and_closing_are_asked_without_too) {
  tcp_upstream by_tcp;
  for (const bool closes : {false, true}) {
    SCOPED_TRACE(closes);
    upstream_link link{home, to(by_tcp.address())};
    ask(link, "web.test.", wish(protocol::tcp));
    auto peer = accepted(by_tcp);
    EXPECT_TRUE(query_on(*peer).query.edns.present);
    if (closes) {
      peer = accepted((peer->close(), by_tcp));
      EXPECT_TRUE(query_on(*peer).query.edns.present) << "it may have been idle for too long";
      peer->close();
    } else {
      pass(1s);
    }
    auto other = accepted(by_tcp);
    const seen again = query_on(*other);
    EXPECT_FALSE(again.query.edns.present);
    other->send(good(again));
    EXPECT_TRUE(result().reply);
    ask(link, "web.test.", wish(protocol::tcp));
    EXPECT_FALSE(query_on(*other).query.edns.present) << "remembered";
  }
}

/// RFC 4343 section 3; draft-vixie-dnsext-dns0x20.
TEST_F(edns_exchange, u4_a_question_that_comes_back_in_other_letters) {
  const struct {
    const char* name;
    const char* back;
    bool again;
  } cases[] = {{"web.test.", "wEb.test.", false}, {"wEb.test.", "web.test.", true}, {"wEb.test.", "Web.test.", true}};
  tcp_upstream by_tcp;
  for (const protocol over : {protocol::udp, protocol::tcp})
    for (auto& c : cases) {
      SCOPED_TRACE(std::string{c.name} + " " + c.back);
      upstream_link link{home, to(over == protocol::udp ? upstream.address() : by_tcp.address())};
      const auto back = [&](const seen& q, const std::string& spelled) {
        return dns::test::reply_to(dns::test::asked(spelled), q.query.id, 0, {spelled + " 30 A 192.0.2.1"});
      };
      ask(link, c.name, wish(over));
      if (over == protocol::tcp) {
        auto peer = accepted(by_tcp);
        peer->send(back(query_on(*peer), c.back));
        EXPECT_TRUE(result().reply) << "nobody else can speak on a connection";
        continue;
      }
      const seen q = query();
      upstream.send(q.from, back(q, c.back));
      if (c.again) {
        const seen small = query();
        EXPECT_EQ(dns::to_text(small.query.name_as_sent()), "web.test.");
        EXPECT_NE(small.from.port(), q.from.port());
        upstream.send(small.from, back(small, c.back));
      }
      EXPECT_TRUE(result().reply);
      EXPECT_TRUE(silent());
    }
}

TEST(upstream_edns, pauses_grow_and_many_that_found_out_together_count_once) {
  upstream_edns known;
  time_point now{1h};
  for (const auto pause : {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}) {
    EXPECT_TRUE(known.is_asked_with(now));
    for (int i = 0; i < 3; ++i)
      known.answered_only_without(now);
    EXPECT_FALSE(known.is_asked_with(now + pause - 1ms)) << pause.count();
    now += pause;
  }
  EXPECT_TRUE(known.is_asked_with(now));
  EXPECT_FALSE(known.is_asked_with(now + 9s)) << "the one that tries has brought nothing yet";
  EXPECT_TRUE(known.is_asked_with(now + 10s));
  known.spoke(now + 10s);
  known.answered_only_without(now + 69s);
  EXPECT_FALSE(known.left_out()) << "it has just shown that it does";
  known.answered_only_without(now + 70s);
  EXPECT_TRUE(known.left_out());
  EXPECT_TRUE(known.is_asked_with(now + 80s)) << "from the shortest pause on again";
}
