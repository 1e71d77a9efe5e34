// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actor_forward.hpp"

#include <set>

namespace troupe {
namespace {

using test::first, test::second, test::one, test::two;
using test::upstream_script;

/// Upstreams that may be dead: what becomes of questions that they have, and who is asked next.
class ForwardDoubtTest : public test::forward_fixture {
public:
  /// A probe of that upstream failed.
  void doubt(size_t upstream) {
    ++upstream_at(upstream).failed_probes;
    tell(find("forward"), doubted{all.front()->upstreams()[upstream]});
    run();
  }
  static void address(const upstream_script::asked& asked) { asked.address(); }
};

/// As soon as one probe of an upstream fails, what waits for it is asked of another too, and the first answer counts: a
/// dead one costs the questions that it had taken no more than that moment, one that is slow or that a stranger makes
/// look bad costs nothing.
TEST_F(ForwardDoubtTest, WhatAnUpstreamInDoubtHasIsAskedElsewhereToo) {
  using asked = upstream_script::asked;
  const auto nobody = [](asked&) {};
  const auto answers = [](asked& one) { one.address(); };
  const auto fails = [](asked& one) { one.fail(); };
  const struct {
    const char* what;
    std::function<void(asked&)> doubted_one, other_one; // the first speaks first
    std::string answer;
    size_t asked;
  } table[] = {
    {"the other answers", nobody, answers, "NOERROR", 2},
    {"the doubt was wrong", answers, nobody, "NOERROR", 2},
    {"both answer", answers, answers, "NOERROR", 2},
    {"it fails while the other is at it", fails, nobody, "", 2},
    {"it fails, then the other answers", fails, answers, "NOERROR", 2},
    {"the other fails, and is asked again before those in doubt", nobody, fails, "", 3},
  };
  for (auto& row : table) {
    SCOPED_TRACE(row.what);
    again(two);
    const uint16_t number = ask("example.org");
    auto doubtful = script.take();
    doubt(0);
    ASSERT_EQ(script.seen, (std::vector{first, second}));
    auto other = script.take();
    row.doubted_one(doubtful);
    run();
    row.other_one(other);
    run();
    EXPECT_EQ(got(number), row.answer);
    EXPECT_EQ(script.seen.size(), row.asked);
    script.rule = address;
    for (auto& left : std::exchange(script.open, {}))
      left.address();
    other.address(); // again, for one row; the first answer counts
    run();
    EXPECT_EQ(got(number), "NOERROR");
    EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
  }
}

TEST_F(ForwardDoubtTest, DoubtMovesNobodyWhereNobodyIsBetter) {
  const struct {
    const char* what;
    const char* corefile;
    std::vector<size_t> doubted;
  } table[] = {
    {"no other", one, {0}},
    {"the other is in doubt, too", two, {1, 0}},
    {"probes mean nothing", "forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n max_fails 0\n}\n", {0}},
    {"a question that the other has", two, {1}},
  };
  for (auto& row : table) {
    SCOPED_TRACE(row.what);
    again(row.corefile);
    const uint16_t number = ask("example.org");
    for (size_t each : row.doubted)
      doubt(each);
    EXPECT_EQ(script.seen, std::vector{first});
    script.take().address();
    run();
    EXPECT_EQ(got(number), "NOERROR");
  }
}

/// Doubt after doubt, and parts of ours that die meanwhile: one question is with each upstream once.
TEST_F(ForwardDoubtTest, OneDoubtAfterTheOther) {
  for (const char* killed : {"", "upstream/10.0.0.1:53", "upstream/10.0.0.3:53"}) {
    SCOPED_TRACE(killed);
    again("forward . 10.0.0.1 10.0.0.2 10.0.0.3 {\n policy sequential\n}\n");
    const uint16_t number = ask("example.org");
    doubt(0);
    doubt(0);
    EXPECT_EQ(script.seen, (std::vector{first, second})) << "doubted twice, moved once";
    doubt(1);
    ASSERT_EQ(script.seen.size(), 3u);
    EXPECT_EQ(script.seen.back(), "10.0.0.3:53");
    doubt(1);
    doubt(0);
    EXPECT_EQ(script.seen.size(), 3u);
    if (*killed != 0)
      kill(killed);
    settle();
    EXPECT_EQ(script.seen.size(), killed == std::string{"upstream/10.0.0.3:53"} ? 4u : 3u) << "only the latest counts";
    EXPECT_EQ(got(number), "");
    for (auto& left : std::exchange(script.open, {}))
      left.address();
    settle();
    EXPECT_EQ(got(number), "NOERROR");
    EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
  }
}

/// Who has failed its last probe is asked when nobody else is left, whatever the policy.
TEST_F(ForwardDoubtTest, WhoIsInDoubtIsAskedLast) {
  for (const char* policy : {"sequential", "round_robin", "random"}) {
    SCOPED_TRACE(policy);
    again("forward . 10.0.0.1 10.0.0.2 10.0.0.3 {\n policy " + std::string{policy} + "\n}\n");
    doubt(0);
    doubt(2);
    script.rule = [](auto& asked) { asked.upstream == second ? asked.fail() : asked.address(); };
    for (int i = 0; i < 30; ++i) {
      script.seen.clear();
      EXPECT_EQ(ask_and_get("n" + std::to_string(i) + ".example.org"), "NOERROR");
      ASSERT_EQ(script.seen.size(), 2u);
      EXPECT_EQ(script.seen.front(), second);
    }
    upstream_at(2).failed_probes = 0;
    script.rule = address;
    std::set<std::string> seen;
    for (int i = 0; i < 60; ++i) {
      script.seen.clear();
      EXPECT_EQ(ask_and_get("m" + std::to_string(i) + ".example.org"), "NOERROR");
      seen.insert(script.seen.begin(), script.seen.end());
    }
    EXPECT_FALSE(seen.count(first)) << "who answers a probe is trusted again, the other is not";
  }
}

} // namespace
} // namespace troupe
