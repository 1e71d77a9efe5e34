// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actor_forward.hpp"

#include <cstdio>
#include <fstream>
#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::first, test::second, test::one, test::two;
using test::upstream_script;

class ForwardTest : public test::forward_fixture {
public:
  void down(size_t upstream) { upstream_at(upstream).failed_probes = 3; }
  static void address(const upstream_script::asked& asked) { asked.address(); }
};

TEST_F(ForwardTest, AnAnswerComesBackWhole) {
  serve(one);
  const uint16_t number = ask("wWw.example.org");
  EXPECT_EQ(got(number), "") << "nobody has answered yet";
  script.take().reply({"wWw.example.org 300 CNAME a.example.net", "a.example.net 60 A 192.0.2.1"});
  run();
  ASSERT_EQ(got(number), "NOERROR");
  const auto& message = sides[0].endpoint.messages[number];
  EXPECT_EQ(message[2] & 4, 0) << "it is not authoritative";
  EXPECT_EQ(message[7], 2) << "records";
  EXPECT_EQ(message[14], 'W') << "the client's spelling";
}

/// Of a code above 15 a client without EDNS would see the low four bits: BADVERS as NOERROR.
TEST_F(ForwardTest, AnExtendedCodeIsServfailWithoutEdns) {
  serve(one);
  for (const unsigned takes : {0, 1232}) {
    sides[0].endpoint.takes = takes;
    const uint16_t number = ask("example.org");
    script.take().extended(dns::rcode::badvers);
    run();
    EXPECT_EQ(sides[0].endpoint.answers[number].back(), takes == 0 ? dns::rcode::servfail : dns::rcode::badvers);
  }
}

TEST_F(ForwardTest, PoliciesOrderUpstreams) {
  const struct {
    const char* policy;
    std::vector<std::string> seen; // empty: any order
  } table[] = {
    {"sequential", {first, first, first, first}},
    {"round_robin", {first, second, first, second}},
    {"random", {}},
  };
  for (auto& row : table) {
    upstream_rotation rotation{row.policy == std::string{"sequential"}    ? config::upstream_policy::sequential
                               : row.policy == std::string{"round_robin"} ? config::upstream_policy::round_robin
                                                                          : config::upstream_policy::random};
    std::set<uint8_t> begins;
    for (size_t i = 0; i < 64; ++i) {
      const auto order = rotation.order(2);
      EXPECT_EQ(order[0] + order[1], 1) << row.policy << ": each upstream once";
      if (i < row.seen.size()) {
        EXPECT_EQ(order[0], row.seen[i] == second) << row.policy << " " << i;
      }
      begins.insert(order[0]);
    }
    EXPECT_EQ(begins.size(), row.policy == std::string{"sequential"} ? 1u : 2u) << row.policy;
  }
}

/// A dead upstream costs no client more than one retry, before it is known to be down as well as after.
TEST_F(ForwardTest, ADeadUpstreamCostsOneRetry) {
  for (const char* policy : {"sequential", "round_robin", "random"}) {
    SCOPED_TRACE(policy);
    again("forward . 10.0.0.1 10.0.0.2 {\n policy " + std::string{policy} + "\n}\n");
    script.rule = [](auto& asked) { asked.upstream == first ? asked.fail() : asked.address(); };
    for (int i = 0; i < 50; ++i) {
      const size_t before = script.seen.size();
      EXPECT_EQ(ask_and_get("n" + std::to_string(i) + ".example.org"), "NOERROR");
      EXPECT_LE(script.seen.size() - before, 2u);
      EXPECT_EQ(script.seen.back(), second);
    }
    EXPECT_GT(script.reported[first], 0u);
    down(0);
    script.seen.clear();
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(ask_and_get("m" + std::to_string(i) + ".example.org"), "NOERROR");
    EXPECT_EQ(script.seen, std::vector<std::string>(50, second)) << "who is down is not asked";
    upstream_at(0).failed_probes = 0;
    script.rule = address;
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(ask_and_get("k" + std::to_string(i) + ".example.org"), "NOERROR");
    EXPECT_TRUE(std::count(script.seen.begin(), script.seen.end(), first)) << "who is back is asked again";
  }
}

/// A client that takes more than the 1232 octets that upstreams are asked for gets more: what comes cut is asked again
/// by TCP. For one that does not, only if nothing came.
TEST_F(ForwardTest, WhoTakesMoreIsNotToldToComeAgain) {
  const struct {
    const char* options;
    net::protocol client;
    unsigned takes; // octets; 0: no EDNS
    net::protocol over;
    bool retries;
  } table[] = {
    {"", net::protocol::udp, 0, net::protocol::udp, false},
    {"", net::protocol::udp, 512, net::protocol::udp, false},
    {"", net::protocol::udp, 1232, net::protocol::udp, false},
    {"", net::protocol::udp, 1233, net::protocol::udp, true},
    {"", net::protocol::udp, 4096, net::protocol::udp, true},
    {"", net::protocol::tcp, 4096, net::protocol::tcp, false},
    {"prefer_udp\n", net::protocol::udp, 0, net::protocol::udp, true},
    {"prefer_udp\n", net::protocol::tcp, 0, net::protocol::udp, true},
    {"force_tcp\n", net::protocol::udp, 4096, net::protocol::tcp, true},
  };
  for (auto& row : table) {
    SCOPED_TRACE(std::string{row.options} + std::to_string(row.takes));
    again(std::string{"forward . 10.0.0.1 {\n"} + row.options + "}\n");
    sides[0].endpoint.takes = row.takes;
    sides[0].endpoint.by = row.client;
    ask("example.org");
    ASSERT_EQ(script.seen.size(), 1u);
    const auto question = script.take();
    EXPECT_EQ(question.message.wish.over, row.over);
    EXPECT_EQ(question.message.wish.truncated, row.retries ? net::refetch::always : net::refetch::if_empty);
    question.address();
    run();
  }
  again(one);
  sides[0].endpoint.by = net::protocol::udp;
  for (const unsigned takes : {0, 512, 4096, 4000, 1232}) {
    sides[0].endpoint.takes = takes;
    ask("example.org");
  }
  EXPECT_EQ(script.seen.size(), 2u) << "they share with those that want the same";
}

TEST_F(ForwardTest, WhenAllAreDown) {
  const struct {
    const char* options;
    std::string answer;
    size_t asked;
    double broken;
  } table[] = {
    {"", "NOERROR", 1, 1},
    {"failfast_all_unhealthy_upstreams\n", "SERVFAIL", 0, 1},
    {"max_fails 0\n", "NOERROR", 1, 0},
    {"max_fails 5\n", "NOERROR", 1, 0},
  };
  for (auto& row : table) {
    SCOPED_TRACE(row.options);
    again(std::string{"forward . 10.0.0.1 10.0.0.2 {\n"} + row.options + "}\n");
    down(0), down(1);
    script.rule = address;
    const double before = counted("coredns_forward_healthcheck_broken_total");
    EXPECT_EQ(ask_and_get("example.org"), row.answer);
    EXPECT_EQ(script.seen.size(), row.asked);
    EXPECT_EQ(counted("coredns_forward_healthcheck_broken_total") - before, row.broken);
  }
}

TEST_F(ForwardTest, WhatAllUpstreamsFailIsServfailWithTheirReason) {
  serve(two);
  script.rule = [](auto& asked) { asked.fail(); };
  const uint16_t number = ask("example.org");
  EXPECT_EQ(got(number), "SERVFAIL");
  EXPECT_EQ(script.seen.size(), 4u) << "two for each upstream";
  EXPECT_EQ(sides[0].endpoint.failures[number], "read udp 10.0.0.2:53: i/o timeout");
  EXPECT_EQ(script.reported[first], 2u);
}

/// That we had no socket is not the upstream's fault, and it is not asked again for it; another is.
TEST_F(ForwardTest, WithoutASocketTheUpstreamIsNotAtFault) {
  const auto no_socket = [](const upstream_script::asked& asked) { asked.fail(net::exchange_failure::no_socket); };
  again(one);
  script.rule = no_socket;
  EXPECT_EQ(ask_and_get("a.example.org"), "SERVFAIL");
  EXPECT_EQ(script.seen, std::vector{first});
  EXPECT_EQ(script.reported[first], 0u);
  again(two);
  script.rule = [&](auto& asked) { asked.upstream == first ? no_socket(asked) : asked.address(); };
  EXPECT_EQ(ask_and_get("a.example.org"), "NOERROR");
  EXPECT_EQ(script.seen, (std::vector{first, second}));
}

/// A `forward` whose upstream is silent leaves half of what may wait to the others of the loop.
TEST_F(ForwardTest, OneForwardLeavesRoomForOthers) {
  serve("forward hole.org 10.0.0.1 {\n max_fails 0\n}\nforward . 10.0.0.2\n");
  for (int i = 0; i < 6'000; ++i)
    sides[0].endpoint.ask({"n" + std::to_string(i) + ".hole.org"}), i % 64 == 0 ? run() : void();
  run();
  EXPECT_LE(sides[0].endpoint.in_flight(), 2'600u);
  EXPECT_EQ(got(1), "SERVFAIL") << "who waits longest is shed";
  EXPECT_EQ(sides[0].endpoint.failures[1], "too many queries in flight");
  script.rule = address;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(ask_and_get("m" + std::to_string(i) + ".example.org"), "NOERROR");
}

TEST_F(ForwardTest, AttemptsEndWithTheDeadline) {
  serve("forward . 10.0.0.1 {\n max_connect_attempts 0\n}\n");
  const uint16_t number = ask("example.org");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(got(number), "") << i;
    wait(2s);
    script.take().fail();
    run();
  }
  EXPECT_EQ(got(number), "SERVFAIL");
  EXPECT_EQ(script.seen.size(), 3u);
}

TEST_F(ForwardTest, CodesThatGoOn) {
  const struct {
    const char* what;
    const char* corefile;
    dns::rcode code; // of the first upstream asked; the next says NOERROR
    std::string answer;
    size_t asked;
  } table[] = {
    {"a code is an answer", two, dns::rcode::servfail, "SERVFAIL", 1},
    {"failover", "forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n failover SERVFAIL\n}\n", dns::rcode::servfail,
     "NOERROR", 2},
    {"failover names another code", "forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n failover REFUSED\n}\n",
     dns::rcode::servfail, "SERVFAIL", 1},
    {"failover has nobody else", "forward . 10.0.0.1 {\n failover SERVFAIL\n}\n", dns::rcode::servfail, "SERVFAIL", 1},
    {"next", "forward . 10.0.0.1 {\n next NXDOMAIN\n}\nforward . 10.0.0.2\n", dns::rcode::nxdomain, "NOERROR", 2},
    {"next names another code", "forward . 10.0.0.1 {\n next NXDOMAIN\n}\nforward . 10.0.0.2\n", dns::rcode::refused,
     "REFUSED", 1},
    {"next has nobody behind", "forward . 10.0.0.1 {\n next NXDOMAIN\n}\n", dns::rcode::nxdomain, "NXDOMAIN", 1},
    {"nodata", "forward . 10.0.0.1 {\n next_on_nodata\n}\nforward . 10.0.0.2\n", dns::rcode::noerror, "NOERROR", 2},
    {"nodata is an answer", "forward . 10.0.0.1 {\n next NXDOMAIN\n}\nforward . 10.0.0.2\n", dns::rcode::noerror,
     "NOERROR", 1},
  };
  for (auto& row : table) {
    SCOPED_TRACE(row.what);
    again(row.corefile);
    const uint16_t number = ask("example.org");
    script.take().code(row.code);
    run();
    if (row.asked == 2) {
      ASSERT_EQ(got(number), "");
      script.take().address();
      run();
    }
    EXPECT_EQ(got(number), row.answer);
    EXPECT_EQ(script.seen.size(), row.asked);
    EXPECT_EQ(sides[0].endpoint.messages[number][7], row.asked == 2) << "records";
  }
}

/// All upstreams' codes name another one: the last of them is the answer.
TEST_F(ForwardTest, FailoverEndsWithTheLastAnswer) {
  serve("forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n failover SERVFAIL REFUSED\n}\n");
  const uint16_t number = ask("example.org");
  script.take().code(dns::rcode::servfail);
  run();
  script.take().code(dns::rcode::refused);
  run();
  EXPECT_EQ(got(number), "REFUSED");
}

TEST_F(ForwardTest, BeyondMaxConcurrentIsRefusedAndCounted) {
  serve("forward . 10.0.0.1 {\n max_concurrent 2\n}\n");
  const uint16_t begin = ask("a.example.org");
  ask("b.example.org", 1);
  const uint16_t over = ask("c.example.org");
  EXPECT_EQ(got(over), "REFUSED");
  EXPECT_EQ(sides[0].endpoint.failures[over], "concurrent queries exceeded maximum");
  EXPECT_EQ(counted("coredns_forward_max_concurrent_rejects_total"), 1);
  script.take().address();
  script.take().address();
  run();
  EXPECT_EQ(got(begin), "NOERROR");
  script.rule = address;
  EXPECT_EQ(ask_and_get("d.example.org"), "NOERROR") << "who is done makes room";
}

TEST_F(ForwardTest, IdenticalQuestionsInFlightShareOneExchange) {
  serve(one);
  for (int i = 0; i < 250; ++i)
    for (size_t loop : {0, 1})
      sides[loop].endpoint.ask({i % 2 ? "same.example.org" : "SAME.example.ORG"});
  run();
  ASSERT_EQ(script.seen.size(), 1u);
  script.take().address();
  run();
  for (auto& side : sides)
    for (uint16_t i = 1; i <= 250; ++i) {
      ASSERT_EQ(side.endpoint.answers[i], std::vector{dns::rcode::noerror}) << i;
      ASSERT_EQ(side.endpoint.messages[i][13], i % 2 ? 'S' : 's') << "each client its spelling";
    }
  script.rule = address;
  EXPECT_EQ(ask_and_get("same.example.org"), "NOERROR");
  EXPECT_EQ(script.seen.size(), 2u) << "what is asked later is asked again";
}

/// RFC 5936 section 2.2.1: a zone that is not ours is not ours to transfer, and an upstream would send it in pieces.
TEST_F(ForwardTest, TransfersAreNotForwarded) {
  serve(one);
  for (const uint8_t type : {252, 251}) {
    const uint16_t number = sides[0].endpoint.ask({"example.org"}, type);
    run();
    EXPECT_EQ(sides[0].endpoint.answers[number], std::vector{dns::rcode::refused}) << int{type};
  }
  EXPECT_TRUE(script.seen.empty());
}

/// Whoever dies while a question is under way: it is answered, once, and not with SERVFAIL.
TEST_F(ForwardTest, WhoeverIsKilledNoQuestionIsLost) {
  for (const char* victim : {"upstream/10.0.0.1:53", "forward", "forward/0", "listener/0"})
    for (const char* moment : {"before", "with it", "meanwhile", "before the answer", "behind the answer"})
      for (int times : {1, 12}) {
        SCOPED_TRACE(std::string{victim} + " killed " + moment + " " + std::to_string(times));
        again(one);
        const uint64_t before = restarts(victim);
        const auto at = [&](const char* now) {
          if (moment == std::string{now})
            kill(victim);
        };
        for (int i = 1; i < times; ++i) {
          kill(victim);
          settle();
        }
        at("before");
        const uint16_t first_number = sides[0].endpoint.ask({"a.example.org", "b.example.org", "a.example.org"});
        at("with it");
        run();
        at("meanwhile");
        if (moment == std::string{"meanwhile"})
          settle();
        at("before the answer");
        for (auto& asked : std::exchange(script.open, {}))
          asked.address();
        at("behind the answer");
        script.rule = address;
        settle();
        for (uint16_t i = 0; i < 3; ++i)
          EXPECT_EQ(got(static_cast<uint16_t>(first_number + i)), "NOERROR") << i;
        EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
        EXPECT_EQ(ask_and_get("c.example.org"), "NOERROR");
        EXPECT_EQ(restarts(victim) - before, static_cast<uint64_t>(times));
      }
}

/// An UPSTREAM that does not come back: the question is given up after two seconds at most, not kept for ever.
TEST_F(ForwardTest, APartThatStaysAwayIsServfail) {
  for (const char* victim : {"upstream/10.0.0.1:53", "forward", "forward/0"}) {
    SCOPED_TRACE(victim);
    again(one);
    for (int i = 0; i < 60 && stats(victim)->state != actor_stats::life::fenced; ++i) {
      kill(victim);
      settle();
    }
    ASSERT_EQ(stats(victim)->state, actor_stats::life::fenced);
    const uint16_t number = ask("example.org");
    EXPECT_EQ(got(number), "");
    wait(500ms);
    EXPECT_EQ(got(number), "");
    for (int i = 0; i < 100; ++i)
      wait(20ms);
    EXPECT_EQ(got(number), "SERVFAIL");
    EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
  }
}

/// Whose actor is fenced is not asked; when all are, it is SERVFAIL at once.
TEST_F(ForwardTest, AFencedUpstreamIsPassedOver) {
  serve(two);
  script.rule = [](auto& asked) { asked.address(); };
  upstream_at(0).fenced = true;
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(ask_and_get("n" + std::to_string(i) + ".example.org"), "NOERROR");
  EXPECT_EQ(script.seen, (std::vector{second, second, second, second}));
  upstream_at(1).fenced = true;
  EXPECT_EQ(ask_and_get("other.example.org"), "SERVFAIL");
  upstream_at(0).fenced = false;
  EXPECT_EQ(ask_and_get("another.example.org"), "NOERROR");
  EXPECT_EQ(script.seen.back(), first);
}

/// One of two upstreams' actors dies: its questions go to the other, and nobody counts that against the upstream.
TEST_F(ForwardTest, AnActorsEndIsNotItsUpstreamsFault) {
  serve(two);
  const uint16_t number = ask("example.org");
  kill("upstream/" + first);
  run();
  wait(2ms);
  ASSERT_EQ(script.seen, (std::vector{first, second}));
  script.take().address();
  run();
  EXPECT_EQ(got(number), "NOERROR");
  EXPECT_TRUE(script.reported.empty());
}

/// While the actor of the one that could answer is away for longer than the other takes to refuse over and over.
TEST_F(ForwardTest, WhoRefusesIsNotTheLastWordWhileTheOtherComesBack) {
  serve("forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n}\n");
  script.rule = [](auto& asked) { asked.upstream == first ? asked.fail() : asked.address(); };
  for (int i = 0; i < 10; ++i) { // so that it is away for 100 ms
    kill("upstream/" + second);
    i < 9 ? settle() : run();
  }
  const uint16_t number = ask("example.org");
  EXPECT_EQ(got(number), "");
  settle();
  EXPECT_EQ(got(number), "NOERROR");
}

/// resolv.conf: who is new is asked, who went is not; a question that the one who went has is asked anew; a file
/// without addresses changes nothing.
/// RFC 4007 section 11.2: the same address on two links is two neighbours.
TEST_F(ForwardTest, LinkLocalUpstreamsHaveTheirInterface) {
  const struct {
    const char* to;
    std::vector<std::string> upstreams;
  } table[] = {
    {"fe80::1%lo fe80::1%4000000", {"[fe80::1%lo]:53", "[fe80::1%4000000]:53"}},
    {"fe80::1%lo fe80::1%1 [fe80::1%lo]:54", {"[fe80::1%lo]:53", "[fe80::1%lo]:54"}},
    {"fe80::1%no-such 10.0.0.1", {"10.0.0.1:53"}},
  };
  config::environment none;
  none.variable = [](const std::string&) { return std::nullopt; };
  for (auto& row : table) {
    const auto made = config::make_plan("Corefile", ". {\nforward . " + std::string{row.to} + "\n}\n", none);
    ASSERT_TRUE(made.plan) << made.error->text();
    const forward_group group{made.plan->blocks[0].forward[0], "", 1, metered.proxies};
    std::vector<std::string> got;
    for (auto& one : group.upstreams())
      got.push_back(one->text);
    EXPECT_EQ(got, row.upstreams) << row.to;
  }
}

TEST_F(ForwardTest, FollowsResolvConf) {
  const std::string file = ::testing::TempDir() + "troupe_forward_test_resolv.conf";
  const auto write = [&](const std::string& text) { std::ofstream{file} << text; };
  write("nameserver 10.0.0.1\n");
  auto around = test::nothing_around();
  around.read = [](const std::string&) { return std::string{"nameserver 10.0.0.1\n"}; };
  serve("forward . " + file + "\n", around);
  wait(forward::file_interval - 1s);
  const uint16_t meanwhile = ask("a.example.org");
  ASSERT_EQ(script.seen, std::vector{first});
  write("nameserver 10.0.0.2\n");
  script.rule = address;
  wait(1s);
  settle();
  EXPECT_EQ(got(meanwhile), "NOERROR");
  EXPECT_EQ(script.seen, (std::vector{first, second}));
  const struct {
    const char* text;
    std::vector<std::string> asked;
  } table[] = {
    {"nameserver 10.0.0.2\nsearch here\n", {second}},
    {"# nothing\n", {second}},
    {"nameserver 10.0.0.2\nnameserver 10.0.0.1\nnameserver 10.0.0.1\n", {second, first}},
    {"nameserver 10.0.0.1\n", {first}},
  };
  for (auto& row : table) {
    write(row.text);
    wait(forward::file_interval);
    settle();
    std::set<std::string> asked;
    script.seen.clear();
    for (int i = 0; i < 40; ++i)
      EXPECT_EQ(ask_and_get("n" + std::to_string(i) + ".example.org"), "NOERROR");
    for (auto& each : script.seen)
      asked.insert(each);
    EXPECT_EQ(asked, std::set<std::string>(row.asked.begin(), row.asked.end())) << row.text;
    EXPECT_EQ(find("upstream/" + first) != nullptr, asked.count(first) == 1) << row.text;
  }
  kill("forward");
  settle();
  EXPECT_EQ(ask_and_get("b.example.org"), "NOERROR") << "a new FORWARD knows the upstreams of now";
  EXPECT_EQ(script.seen.back(), first);
  std::remove(file.c_str());
}

} // namespace
} // namespace troupe
