// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/loop_detector.hpp"
#include "tests/support/actor_forward.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr uint8_t hinfo = 13;

/// A block with `loop` and two upstreams, which only report: what ends the process is tested from outside.
class LoopTest : public test::forward_fixture {
public:
  LoopTest() {
    serve("forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n}\nloop\n");
    probes.watch({{dns::name{}, true, all}});
    tell(shared.where.find<supervisor_actor>("supervisor"),
         adopt{line<loop_detector>({"loop", "loop", "supervisor", 0}, &pinned_here, std::ref(probes)), nullptr});
    run();
  }

  /// The question that was sent as a probe, without its last dot.
  static std::string name_of(const test::upstream_script::asked& probe) {
    std::string name = dns::to_text(probe.message.question->name_as_sent());
    name.pop_back();
    return name;
  }
  std::string come_back(const std::string& name, size_t loop = 1) {
    const uint16_t number = sides[loop].endpoint.ask({name}, hinfo);
    run();
    return got(number, loop);
  }
  bool loops(size_t upstream) { return upstream_at(upstream).loops_back; }
};

TEST_F(LoopTest, EachUpstreamGetsAProbeOfItsOwn) {
  ASSERT_EQ(script.open.size(), 2u);
  EXPECT_EQ(script.open[0].upstream, "10.0.0.1:53");
  EXPECT_EQ(script.open[1].upstream, "10.0.0.2:53");
  EXPECT_EQ(script.open[0].message.question->qtype, hinfo);
  EXPECT_NE(name_of(script.open[0]), name_of(script.open[1]));
}

TEST_F(LoopTest, AnAnswerEndsItAndItsNameIsForgotten) {
  const std::string first = name_of(script.open[0]);
  while (!script.open.empty())
    script.take().code(dns::rcode::nxdomain);
  run();
  EXPECT_FALSE(probes.any());
  come_back(first); // played back by somebody who saw it
  EXPECT_FALSE(loops(0));
  EXPECT_EQ(name_of(script.take()), first) << "it is a question like any other now";
}

TEST_F(LoopTest, WhatComesBackIsALoopThroughThatUpstream) {
  const auto first = script.take();
  EXPECT_EQ(come_back(name_of(first)), "REFUSED") << "it goes no further";
  EXPECT_TRUE(loops(0));
  EXPECT_FALSE(loops(1));
  const uint16_t number = ask("www.example.org");
  EXPECT_EQ(script.seen.back(), "10.0.0.2:53") << "who loops is not asked, though it is the first";
  script.open.back().address();
  run();
  EXPECT_EQ(got(number), "NOERROR");
}

TEST_F(LoopTest, WhoDoesNotLoopAnyMoreIsAskedAgain) {
  come_back(name_of(script.take()));
  script.take().code(dns::rcode::nxdomain);
  run();
  time.advance(loop_detector::give_up_after);
  run();
  ASSERT_EQ(script.open.size(), 1u) << "another probe, to the first";
  EXPECT_EQ(script.open[0].upstream, "10.0.0.1:53");
  script.take().code(dns::rcode::nxdomain);
  run();
  EXPECT_FALSE(loops(0));
}

TEST_F(LoopTest, WhoIsShutOutIsProbedUntilItAnswers) {
  come_back(name_of(script.take()));
  script.take().code(dns::rcode::nxdomain);
  run();
  for (int probe = 0; probe < 5; ++probe) {
    time.advance(loop_detector::give_up_after);
    run();
    ASSERT_EQ(script.open.size(), 1u) << probe;
    script.take().fail();
    run();
    EXPECT_TRUE(loops(0)) << probe;
  }
  time.advance(loop_detector::give_up_after);
  run();
  script.take().code(dns::rcode::nxdomain);
  run();
  EXPECT_FALSE(loops(0));
}

TEST_F(LoopTest, GuessesDoNothing) {
  for (const char* guess : {"1.2", "0.0", "18446744073709551615.18446744073709551615", "a.b.example.org"}) {
    come_back(guess);
    EXPECT_FALSE(loops(0) || loops(1)) << guess;
  }
}

TEST_F(LoopTest, ANameOfAProbeAskedForAnotherTypeIsNoLoop) {
  const std::string name = name_of(script.open[0]);
  sides[0].endpoint.ask({name});
  run();
  EXPECT_FALSE(loops(0));
}

TEST_F(LoopTest, WhereNoAnswerComesItIsTriedAgainForAWhile) {
  size_t sent = 0;
  for (int second = 0; second < 60; ++second) {
    sent += script.open.size();
    while (!script.open.empty())
      script.take().fail();
    run();
    time.advance(1s);
    run();
  }
  EXPECT_GE(sent, 2u * 25);
  EXPECT_LE(sent, 2u * 32);
}

} // namespace
} // namespace troupe
