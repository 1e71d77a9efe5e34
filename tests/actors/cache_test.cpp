// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/cache_flush.hpp"
#include "tests/support/actor_forward.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::upstream_script;

/// Questions through listener, cache and forward; the upstream is the test.
class CacheTest : public test::forward_fixture {
public:
  void cached(const std::string& options = "") {
    again("cache {\n" + options + "}\nforward . 10.0.0.1 {\n max_concurrent 600\n}\n");
  }

  /// What the client sees of the answer's first record, and of the header.
  struct view {
    std::string code;
    int ttl; ///< -1: no record
    bool authoritative;
    bool operator==(const view&) const = default;
  };
  view see(uint16_t number, size_t loop = 0) {
    const auto& m = sides[loop].endpoint.messages[number];
    if (m.empty())
      return {"", -1, false};
    size_t at = 12;
    while (m[at] != 0)
      at += 1u + m[at];
    at += 5 + 2 + 4; // root, type, class; owner (a pointer), type, class
    const int ttl = m[7] == 0 ? -1 : m[at] << 24 | m[at + 1] << 16 | m[at + 2] << 8 | m[at + 3];
    return {got(number, loop), ttl, (m[2] & 4) != 0};
  }
  view ask_and_see(const std::string& name, size_t loop = 0) { return see(ask(name, loop), loop); }

  static void address(const upstream_script::asked& asked) { asked.address(); }
  size_t upstream_queries() const { return script.seen.size(); }
};

void PrintTo(const CacheTest::view& seen, std::ostream* out) {
  *out << seen.code << " TTL " << seen.ttl << " AA " << seen.authoritative;
}

using view = CacheTest::view;

/// Wherever the name is owned and whichever loop it is asked on.
TEST_F(CacheTest, TheSecondTimeIsAHit) {
  for (size_t owner : {0, 1})
    for (size_t loop : {0, 1}) {
      SCOPED_TRACE(std::to_string(loop) + " asks " + std::to_string(owner));
      cached();
      script.rule = address;
      const auto name = name_of(owner);
      const uint64_t requests = counters(0).requests.read() + counters(1).requests.read();
      EXPECT_EQ(ask_and_see(name, loop), (view{"NOERROR", 30, false}));
      wait(10s);
      EXPECT_EQ(ask_and_see(name, loop), (view{"NOERROR", 20, true})) << "AA and the TTL that is left, as CoreDNS";
      EXPECT_EQ(ask_and_see(name, 1 - loop), (view{"NOERROR", 20, true})) << "the other loop has it too";
      EXPECT_EQ(upstream_queries(), 1u);
      wait(20s);
      EXPECT_EQ(ask_and_see(name, loop), (view{"NOERROR", 30, false})) << "its time is over";
      EXPECT_EQ(upstream_queries(), 2u);
      EXPECT_EQ(counters(0).requests.read() + counters(1).requests.read() - requests, 4u) << "each counted once";
    }
}

TEST_F(CacheTest, AllRecordsShowTheLeastTtl) {
  cached();
  script.rule = [](auto& asked) {
    asked.reply({"a.example.org 300 CNAME b.example.org", "b.example.org 60 A 192.0.2.1"});
  };
  EXPECT_EQ(ask_and_see("a.example.org"), (view{"NOERROR", 60, false}));
  EXPECT_EQ(ask_and_see("a.example.org"), (view{"NOERROR", 60, true}));
}

TEST_F(CacheTest, WhatIsKept) {
  const struct {
    const char* what;
    const char* options;
    std::function<void(const upstream_script::asked&)> answer;
    std::string code;
    size_t upstream_queries; // of two questions
  } table[] = {
    {"an answer", "", address, "NOERROR", 1},
    {"a name error with SOA", "", [](auto& asked) { asked.reply({}, 3, {"example.org 60 SOA ns.example.org"}); },
     "NXDOMAIN", 1},
    {"a name error without", "", [](auto& asked) { asked.code(dns::rcode::nxdomain); }, "NXDOMAIN", 2},
    {"the upstream's SERVFAIL", "", [](auto& asked) { asked.code(dns::rcode::servfail); }, "SERVFAIL", 1},
    {"not with servfail 0", "servfail 0\n", [](auto& asked) { asked.code(dns::rcode::servfail); }, "SERVFAIL", 2},
    {"not our own", "", [](auto& asked) { asked.fail(); }, "SERVFAIL", 4},
    {"REFUSED", "", [](auto& asked) { asked.code(dns::rcode::refused); }, "REFUSED", 2},
    {"disabled", "disable success example.org\n", address, "NOERROR", 2},
    {"disabled elsewhere", "disable success example.net\n", address, "NOERROR", 1},
  };
  for (auto& row : table) {
    SCOPED_TRACE(row.what);
    cached(row.options);
    script.rule = row.answer;
    EXPECT_EQ(ask_and_get("a.example.org"), row.code);
    EXPECT_EQ(ask_and_get("a.example.org"), row.code);
    EXPECT_EQ(upstream_queries(), row.upstream_queries);
  }
}

TEST_F(CacheTest, AServfailIsKeptForFiveSeconds) {
  cached();
  script.rule = [](auto& asked) { asked.code(dns::rcode::servfail); };
  ask("a.example.org");
  wait(4900ms);
  ask("a.example.org");
  EXPECT_EQ(upstream_queries(), 1u);
  wait(100ms);
  script.rule = address;
  EXPECT_EQ(ask_and_get("a.example.org"), "NOERROR");
}

TEST_F(CacheTest, NamesNotBelowItsZonesPassBy) {
  again("cache 30 example.org\nforward . 10.0.0.1\n");
  script.rule = address;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask_and_see("a.example.net"), (view{"NOERROR", 30, false}));
    ask("a.example.org");
  }
  EXPECT_EQ(upstream_queries(), 3u + 1u);
  EXPECT_EQ(counters(0).requests.read() + counters(1).requests.read(), 3u);
}

/// 500 clients on two loops ask the same: one exchange, one answer each.
TEST_F(CacheTest, MissesOfOneNameShareOneFetch) {
  cached();
  for (int i = 0; i < 250; ++i)
    for (auto& side : sides)
      side.endpoint.ask({"same.example.org"});
  run();
  ASSERT_EQ(upstream_queries(), 1u);
  script.take().address();
  run();
  for (auto& side : sides)
    for (uint16_t i = 1; i <= 250; ++i)
      ASSERT_EQ(side.endpoint.answers[i], std::vector{dns::rcode::noerror}) << i;
  EXPECT_EQ(counters(0).misses.read() + counters(1).misses.read(), 500u);
}

/// What a stage behind the cache could not do is said to whoever waits, in its own words and with its code.
TEST_F(CacheTest, AFailureReachesErrorsAndIsNotKept) {
  again("cache 30\nforward . 10.0.0.1 {\n max_concurrent 1\n}\n");
  const uint16_t begun = ask("a.example.org");
  const uint16_t refused = ask("b.example.org");
  EXPECT_EQ(got(refused), "REFUSED");
  EXPECT_EQ(sides[0].endpoint.failures[refused], "concurrent queries exceeded maximum");
  script.take().fail();
  run();
  script.take().fail();
  run();
  EXPECT_EQ(got(begun), "SERVFAIL");
  EXPECT_EQ(sides[0].endpoint.failures[begun], "read udp 10.0.0.1:53: i/o timeout");
  script.rule = address;
  EXPECT_EQ(ask_and_get("a.example.org"), "NOERROR");
  EXPECT_EQ(ask_and_get("b.example.org"), "NOERROR");
}

/// The one that was to fetch is gone; the next of those who wait does it.
TEST_F(CacheTest, ALeaseThatIsLostGoesToTheNext) {
  for (size_t owner : {0, 1}) {
    cached();
    const auto name = name_of(owner);
    const size_t other = 1 - owner;
    const uint16_t begun = sides[other].endpoint.ask({name});
    turn(other), turn(owner); // the owner has told the other front to fetch
    const uint16_t joined = sides[owner].endpoint.ask({name});
    turn(owner);
    kill("cache/" + std::to_string(other));
    run();
    EXPECT_EQ(upstream_queries(), 1u);
    script.take().address();
    run();
    EXPECT_EQ(got(begun, other), "NOERROR");
    EXPECT_EQ(got(joined, owner), "NOERROR");
    EXPECT_EQ(restarts("cache/" + std::to_string(other)), 1u);
  }
}

TEST_F(CacheTest, WhoeverIsKilledNoQuestionIsLost) {
  for (const std::string victim :
       {"cache/0", "cache/1", "listener/own/0", "forward/0", "forward", "upstream/10.0.0.1:53", "listener/0"})
    for (const std::string moment : {"before", "with it", "meanwhile", "before the answer", "behind the answer"})
      for (size_t owner : {0, 1})
        for (int times : {1, 8}) {
          SCOPED_TRACE(victim + " killed " + moment + " " + std::to_string(times) + ", owner " + std::to_string(owner));
          cached();
          for (int i = 1; i < times; ++i) {
            kill(victim);
            settle();
          }
          const auto at = [&](const char* now) {
            if (moment == now)
              kill(victim);
          };
          at("before");
          const uint16_t first =
            sides[0].endpoint.ask({name_of(owner), name_of(owner, 1), name_of(owner), name_of(1 - owner)});
          at("with it");
          run();
          at("meanwhile");
          if (moment == "meanwhile")
            settle();
          at("before the answer");
          for (auto& asked : std::exchange(script.open, {}))
            asked.address();
          at("behind the answer");
          script.rule = address;
          settle();
          for (uint16_t i = 0; i < 4; ++i)
            EXPECT_EQ(got(static_cast<uint16_t>(first + i)), "NOERROR") << i;
          EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
          EXPECT_EQ(sides[0].own.in_flight(), 0u);
        }
}

/// A miss that waits for the listener of the server's own questions keeps its one retry for when it is needed.
TEST_F(CacheTest, WaitingForAListenerIsNoRetry) {
  cached();
  for (int i = 0; i < 2; ++i) { // the second restart is not at once
    kill("listener/own/0");
    run();
  }
  const uint16_t number = ask("a.example.org");
  EXPECT_EQ(upstream_queries(), 0u);
  pass(1ms);
  ASSERT_EQ(upstream_queries(), 1u);
  kill("forward/0");
  script.rule = address;
  run();
  for (auto& asked : std::exchange(script.open, {}))
    asked.address();
  settle();
  EXPECT_EQ(got(number), "NOERROR");
}

/// Asked often enough and near its end an answer is fetched ahead, once, while clients get the one that is kept; also
/// when the client's loop only has a copy.
TEST_F(CacheTest, Prefetch) {
  for (size_t owner : {0, 1}) {
    SCOPED_TRACE(owner);
    cached("prefetch 2 1m 20%\n");
    script.rule = address;
    const auto name = name_of(owner);
    for (int i = 0; i < 4; ++i)
      ask(name);
    EXPECT_EQ(upstream_queries(), 1u) << "its end is far";
    script.rule = nullptr;
    wait(25s);
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 5, true}));
    EXPECT_EQ(upstream_queries(), 2u) << "fetched ahead";
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 5, true}));
    EXPECT_EQ(upstream_queries(), 2u) << "once";
    script.take().address();
    run();
    wait(6s);
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 24, true}));
    EXPECT_EQ(upstream_queries(), 2u);
    EXPECT_EQ(counters(owner).prefetches.read(), 1u);
  }
}

TEST_F(CacheTest, StaleAnswersAtOnce) {
  for (size_t owner : {0, 1}) {
    SCOPED_TRACE(owner);
    cached("serve_stale 1h immediate\n");
    script.rule = address;
    const auto name = name_of(owner);
    ask(name);
    wait(40s);
    script.rule = nullptr;
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 0, true}));
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 0, true}));
    EXPECT_EQ(upstream_queries(), 2u) << "one refresh";
    EXPECT_EQ(counters(0).served_stale.read() + counters(1).served_stale.read(), 2u * (owner + 1));
    script.take().address();
    run();
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 30, true})) << "the next has the fresh one";
    wait(2h);
    script.rule = [](auto& asked) { asked.fail(); };
    EXPECT_EQ(ask_and_get(name), "SERVFAIL") << "too old to be of use";
  }
}

TEST_F(CacheTest, StaleAnswersIfVerifyingFails) {
  const struct {
    const char* what;
    std::function<void(const upstream_script::asked&)> upstream;
    view answer;
  } table[] = {
    {"fresh", address, {"NOERROR", 30, false}},
    {"no answer", [](auto& asked) { asked.fail(); }, {"NOERROR", 7, true}},
    {"a failure", [](auto& asked) { asked.code(dns::rcode::servfail); }, {"NOERROR", 7, true}},
    {"a name error",
     [](auto& asked) { asked.reply({}, 3, {"example.org 60 SOA ns.example.org"}); },
     {"NXDOMAIN", -1, false}},
  };
  for (auto& row : table)
    for (size_t owner : {0, 1}) {
      SCOPED_TRACE(row.what);
      cached("serve_stale 1h verify 0s 7s\n");
      script.rule = address;
      const auto name = name_of(owner);
      ask(name);
      wait(40s);
      script.rule = row.upstream;
      EXPECT_EQ(ask_and_see(name), row.answer);
    }
}

TEST_F(CacheTest, VerifyingMayTakeSoLong) {
  for (size_t owner : {0, 1}) {
    cached("serve_stale 1h verify 100ms\n");
    script.rule = address;
    const auto name = name_of(owner);
    ask(name);
    wait(40s);
    script.rule = nullptr;
    const uint16_t waiting = ask(name);
    wait(99ms);
    EXPECT_EQ(got(waiting), "");
    wait(1ms);
    EXPECT_EQ(see(waiting), (view{"NOERROR", 0, true}));
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 0, true})) << "nobody waits for what is late";
    EXPECT_EQ(upstream_queries(), 2u);
    script.take().address();
    run();
    EXPECT_EQ(ask_and_see(name), (view{"NOERROR", 30, true})) << "what came late is kept";
  }
}

/// What a resolver happens to know says nothing to who wants an answer found: neither kept nor under way.
TEST_F(CacheTest, WithoutRecursionDesiredIsAnotherQuestion) {
  cached();
  sides[0].endpoint.recursion_desired = false;
  const uint16_t iterative = ask("a.example.org");
  sides[0].endpoint.recursion_desired = true;
  const uint16_t recursive = ask("a.example.org");
  ASSERT_EQ(upstream_queries(), 2u) << "one does not wait for the other's answer";
  script.take().reply({}, 0, {"org 300 NS ns.example.net"});
  script.take().address();
  run();
  EXPECT_EQ(see(iterative).ttl, -1);
  EXPECT_EQ(see(recursive), (view{"NOERROR", 30, false}));
  EXPECT_EQ(ask_and_see("a.example.org"), (view{"NOERROR", 30, true}));
  EXPECT_EQ(upstream_queries(), 2u);
}

/// A SOA of a zone that the name does not lie in is not passed on, but what it came with need not be asked every time.
TEST_F(CacheTest, ADenialWithAForeignSoaIsKeptForFiveSeconds) {
  cached();
  script.rule = [](auto& asked) { asked.reply({}, 3, {"elsewhere.test. 900 SOA ns.elsewhere.test."}); };
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask_and_see("nobody.example.org"), (view{"NXDOMAIN", -1, i != 0}));
  EXPECT_EQ(upstream_queries(), 1u);
  wait(5s);
  EXPECT_EQ(ask_and_see("nobody.example.org").code, "NXDOMAIN");
  EXPECT_EQ(upstream_queries(), 2u);
}

/// A client by UDP that takes little is told to come again by TCP; who comes by TCP never is.
TEST_F(CacheTest, WhoWantsAWholeAnswerDoesNotWaitForACutOne) {
  for (size_t owner : {0, 1}) {
    cached();
    const uint16_t little = ask(name_of(owner));
    sides[0].endpoint.by = net::protocol::tcp;
    const uint16_t whole = ask(name_of(owner));
    sides[0].endpoint.by = net::protocol::udp;
    ASSERT_EQ(upstream_queries(), 2u);
    script.take().reply({}, dns::flag::tc);
    script.take().address();
    run();
    EXPECT_EQ(sides[0].endpoint.messages[little][2] & 2, 2);
    EXPECT_EQ(see(whole), (view{"NOERROR", 30, false}));
  }
}

TEST_F(CacheTest, AFlushEmptiesAllPartsAtAndBelowAName) {
  for (size_t owner : {0, 1})
    for (const char* zone : {".", "example.org", "example.net"}) {
      SCOPED_TRACE(zone);
      cached();
      script.rule = address;
      const auto name = name_of(owner);
      ask(name, 0);
      ask(name, 1);
      ASSERT_EQ(upstream_queries(), 1u);
      flush_caches(shared, *dns::name::from_text(zone));
      run();
      const size_t again = zone != std::string{"example.net"};
      ask(name, 0);
      ask(name, 1);
      EXPECT_EQ(upstream_queries(), 1u + again);
      for (size_t i : {0, 1})
        kill("cache/" + std::to_string(i));
      settle();
      ask(name, 1 - owner);
      ask(name, 1 - owner);
      EXPECT_EQ(upstream_queries(), 2u + again) << "a part that starts later gives copies as before";
    }
}

/// Who waits gets what comes, and it is not kept.
TEST_F(CacheTest, WhatIsUnderWayDuringAFlushIsNotKept) {
  for (size_t owner : {0, 1}) {
    cached();
    const auto name = name_of(owner);
    const uint16_t waiting = ask(name);
    flush_caches(shared);
    run();
    script.take().address(60);
    run();
    EXPECT_EQ(see(waiting), (view{"NOERROR", 60, false}));
    script.rule = address;
    ask(name);
    EXPECT_EQ(upstream_queries(), 2u);
  }
}

/// 3,000 entries go in steps, between which questions are answered.
TEST_F(CacheTest, ALargeFlushIsDoneInSteps) {
  cached();
  script.rule = address;
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i)
    ask("n" + std::to_string(i) + ".example.org");
  const uint64_t entries = counters(0).entries[0].read() + counters(1).entries[0].read();
  EXPECT_EQ(entries, 3'000u);
  const uint64_t handled_before = stats("cache/0")->messages;
  flush_caches(shared);
  run();
  EXPECT_EQ(counters(0).entries[0].read() + counters(1).entries[0].read(), 0u);
  EXPECT_GE(stats("cache/0")->messages - handled_before, 3u);
}

/// One cache that is asked much sheds what waits longest, not what comes from elsewhere.
TEST_F(CacheTest, AnswersThatNeverComeLeaveRoomForOthers) {
  cached();
  again("cache\nforward . 10.0.0.1\n");
  constexpr int many = 6'000;
  for (int i = 0; i < many; ++i)
    sides[0].endpoint.ask({"n" + std::to_string(i) + ".example.org"}), i % 64 == 0 ? run() : void();
  run();
  EXPECT_LE(sides[0].endpoint.in_flight(), 2'600u);
  EXPECT_GE(sides[0].endpoint.in_flight(), 2'400u);
  EXPECT_EQ(got(1), "SERVFAIL") << "the first has waited longest";
  EXPECT_EQ(sides[0].endpoint.failures[1], "too many queries in flight");
  EXPECT_EQ(got(many), "");
  script.rule = address;
  EXPECT_EQ(ask_and_get("alive.example.org"), "NOERROR");
}

/// A cache lives on over a reload if nothing behind it has changed.
TEST(cache_identity, is_all_that_stands_behind) {
  const std::string first = "cache 30\nforward . 10.0.0.1\n";
  const struct {
    const char* block;
    bool same;
  } table[] = {
    {"cache   30 # a comment\nforward . 10.0.0.1:53\n", true},
    {"errors\nlog\ncache 30\nforward . 10.0.0.1\n", true},
    {"cache 31\nforward . 10.0.0.1\n", false},
    {"cache 30\nforward . 10.0.0.2\n", false},
    {"cache 30\nforward . 10.0.0.1 10.0.0.2\n", false},
    {"cache 30\nforward . 10.0.0.1 {\n except example.org\n}\n", false},
    {"cache 30\nforward example.org 10.0.0.2\nforward . 10.0.0.1\n", false},
    {"cache 30\n", false},
  };
  const auto plan_of = [](const std::string& text) {
    return config::make_plan("Corefile", text, test::nothing_around()).plan;
  };
  const auto before = caches::make(*plan_of(". {\n" + first + "}\n"), {}).all;
  for (auto& row : table) {
    const auto after = caches::make(*plan_of(". {\n" + std::string{row.block} + "}\n"), before).all;
    EXPECT_EQ(after.front() == before.front(), row.same) << row.block;
  }
  const auto two = caches::make(*plan_of(". {\n" + first + "}\nexample.org {\n" + first + "}\n"), before).all;
  EXPECT_NE(two[0], two[1]);
  EXPECT_EQ(two[0]->octets + two[1]->octets, before.front()->octets) << "what strangers can fill does not grow";
}

} // namespace
} // namespace troupe
