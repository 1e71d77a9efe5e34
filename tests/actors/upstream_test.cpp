// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstream.hpp"
#include "actors/forwarding/upstream_choice.hpp"
#include "config/plan.hpp"
#include "tests/net/upstream_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/asking_endpoint.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using dns::test::operator+;

/// An UPSTREAM with a socket; the test is the other end.
class UpstreamTest : public test::actor_fixture {
public:
  ~UpstreamTest() override {
    end_forward();
    end();
  }

  void start(const std::string& options = "") {
    config::environment none;
    none.variable = [](const std::string&) { return std::nullopt; };
    const auto made =
      config::make_plan("Corefile", ". {\nforward . " + other->address().to_text() + " {\n" + options + "}\n}\n", none);
    ASSERT_TRUE(made.plan) << made.error->text();
    group = std::make_unique<forward_group>(made.plan->blocks[0].forward[0], "", 1, metered.proxies);
    which = group->upstreams().front();
    supervise({line<upstream>({which->actor, "upstream", "forward", 0}, &pinned_here, std::cref(*group), which)});
    run();
  }

  /// Sockets may need a moment.
  template <class Condition>
  bool until(Condition there) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!there()) {
      run();
      home.io().poll();
      if (std::chrono::steady_clock::now() > give_up)
        return false;
    }
    return true;
  }

  /// What comes without OPT repeats what came before.
  std::optional<net::test::seen> received() {
    auto got = other->receive();
    while (got && !got->query.edns.present)
      got = other->receive();
    return got;
  }
  std::optional<net::test::seen> probed() {
    std::optional<net::test::seen> got;
    until([&] { return (got = received()).has_value(); });
    return got;
  }
  bool is_probed_now() {
    run();
    home.io().poll();
    return received().has_value();
  }
  /// As one says it that knows EDNS: with OPT to who sent it.
  void reply(const net::test::seen& to, unsigned rcode = 0) {
    auto made = dns::test::reply_to(to.query, to.query.id, rcode, {});
    made[11] = to.query.edns.present;
    other->send(to.from, to.query.edns.present ? made + dns::test::opt() : made);
  }
  void fails() { tell(find(which->actor), failing_atom::value); }

  /// Stands in for FORWARD.
  void begin_forward() {
    forward_ = system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](exchanged& message) { told.push_back(std::move(message)); },
              [this](doubted& message) { doubts += message.whom == which; }};
    });
    shared.where.enter("forward", caf::actor_cast<caf::strong_actor_ptr>(forward_));
  }
  void end_forward() {
    if (!forward_)
      return;
    shared.where.leave("forward", caf::actor_cast<caf::actor_addr>(forward_));
    caf::anon_send_exit(forward_, caf::exit_reason::user_shutdown);
    forward_ = nullptr;
    run();
  }
  /// Asks, and gives what the upstream sees.
  std::optional<net::test::seen> asked(const std::string& name) {
    tell(find(which->actor),
         exchange{std::make_shared<const dns::query>(dns::test::asked(name, 1, 0)),
                  {net::protocol::udp, net::refetch::always, time.now() + 5s},
                  reply_token<exchanged>{caf::actor_cast<caf::strong_actor_ptr>(forward_), ++token_}});
    return probed();
  }
  bool down() const { return is_down(*which, group->options); }

  std::unique_ptr<net::test::udp_upstream> other = std::make_unique<net::test::udp_upstream>();
  std::unique_ptr<forward_group> group;
  std::shared_ptr<upstream_state> which;
  std::vector<exchanged> told;
  unsigned doubts = 0;

private:
  caf::actor forward_;
  uint64_t token_ = 0;
};

/// Silent: down after three probes (max_fails 2), each given a second, half a second apart; up again with one answer.
TEST_F(UpstreamTest, ProbesUntilAnAnswerComes) {
  start();
  EXPECT_FALSE(is_probed_now()) << "who does not fail is left alone";
  fails();
  fails();
  for (unsigned n = 0; n < 3; ++n) {
    EXPECT_FALSE(down()) << n;
    const auto probe = probed();
    ASSERT_TRUE(probe);
    EXPECT_EQ(dns::to_text(probe->query.name_as_sent()), ".");
    EXPECT_EQ(probe->query.qtype, static_cast<uint16_t>(dns::rrtype::ns));
    EXPECT_TRUE(probe->query.flags & dns::flag::rd);
    wait(1s);
    EXPECT_EQ(which->failed_probes, n + 1);
    EXPECT_FALSE(is_probed_now()) << "one at a time, and with a pause";
    wait(500ms);
  }
  EXPECT_TRUE(down());
  reply(*probed(), static_cast<unsigned>(dns::rcode::refused));
  EXPECT_TRUE(until([&] { return !down(); })) << "any answer shows that somebody is there";
  wait(5s);
  EXPECT_FALSE(is_probed_now());
}

TEST_F(UpstreamTest, ProbesAsItIsTold) {
  start("health_check 2s no_rec domain example.org\nmax_fails 0\n");
  fails();
  const auto probe = probed();
  ASSERT_TRUE(probe);
  EXPECT_EQ(dns::to_text(probe->query.name_as_sent()), "example.org.");
  EXPECT_FALSE(probe->query.flags & dns::flag::rd);
  wait(1s);
  wait(1999ms);
  EXPECT_FALSE(is_probed_now());
  wait(1ms);
  EXPECT_TRUE(probed());
  which->failed_probes = 100;
  EXPECT_FALSE(down()) << "max_fails 0: never";
}

/// What is known of an upstream outlives its actor: who was down when it was killed is probed by the next.
TEST_F(UpstreamTest, ARestartGoesOnProbing) {
  start();
  which->failed_probes = 3;
  kill(which->actor);
  const auto probe = probed();
  ASSERT_TRUE(probe);
  EXPECT_TRUE(down());
  reply(*probe);
  EXPECT_TRUE(until([&] { return !down(); }));
}

/// An upstream that owes answers and gives none for half a second is probed; one that answers is not, whatever it
/// answers, nor one that has nothing to answer, nor any if `max_fails 0` says that probes mean nothing.
TEST_F(UpstreamTest, SilenceIsSuspicious) {
  begin_forward();
  start();
  const auto first = asked("a.example.org");
  ASSERT_TRUE(first);
  wait(400ms);
  const auto second = asked("b.example.org");
  ASSERT_TRUE(second);
  wait(99ms);
  EXPECT_FALSE(is_probed_now());
  reply(*second, static_cast<unsigned>(dns::rcode::servfail));
  ASSERT_TRUE(until([&] { return told.size() == 1; }));
  wait(499ms);
  EXPECT_FALSE(is_probed_now()) << "it spoke";
  wait(1ms);
  const auto probe = probed();
  ASSERT_TRUE(probe);
  EXPECT_EQ(dns::to_text(probe->query.name_as_sent()), ".");
  reply(*probe);
  reply(*first);
  ASSERT_TRUE(until([&] { return told.size() == 2; }));
  wait(10s);
  EXPECT_FALSE(is_probed_now()) << "nothing is due";
  EXPECT_EQ(doubts, 0u);
  ASSERT_TRUE(asked("c.example.org"));
  wait(499ms);
  EXPECT_FALSE(is_probed_now()) << "the time without questions was no silence";
  wait(1ms);
  EXPECT_TRUE(probed());
  wait(1s);
  EXPECT_EQ(which->failed_probes, 1u);
  EXPECT_EQ(doubts, 1u) << "a second and a half after the question";
}

TEST_F(UpstreamTest, SilenceMeansNothingWithoutProbes) {
  begin_forward();
  start("max_fails 0\n");
  ASSERT_TRUE(asked("a.example.org"));
  wait(1900ms);
  EXPECT_FALSE(is_probed_now());
}

/// The port is closed: the question that meets this fails at once, the probe that follows fails at once too, and
/// FORWARD hears of it, so that what was taken before is asked elsewhere. No time passes.
TEST_F(UpstreamTest, ARefusedQuestionEndsInDoubtAtOnce) {
  begin_forward();
  start();
  ASSERT_TRUE(asked("taken.example.org"));
  other->close();
  const auto began = time.now();
  tell(find(which->actor), failing_atom::value);
  ASSERT_TRUE(until([&] { return doubts != 0; }));
  EXPECT_EQ(time.now() - began, 0ns);
  EXPECT_EQ(which->failed_probes, 1u);
  EXPECT_TRUE(told.empty()) << "what was taken may still be answered";
  wait(499ms);
  EXPECT_EQ(doubts, 1u);
  wait(1ms);
  EXPECT_TRUE(until([&] { return doubts == 2; })) << "the next probe";
}

/// PowerDNS 2023-02: forged replies by the thousand, and the upstream is as good as before.
TEST_F(UpstreamTest, ForgedRepliesCastNoDoubt) {
  begin_forward();
  start();
  net::test::udp_upstream stranger;
  const auto question = asked("bank.example.org");
  ASSERT_TRUE(question);
  auto wrong = dns::test::reply_to(question->query, question->query.id, 0, {});
  for (unsigned n = 1; n <= 10'000; ++n) {
    wrong[0] = static_cast<uint8_t>((question->query.id + n) >> 8);
    wrong[1] = static_cast<uint8_t>(question->query.id + n);
    (n % 2 ? *other : stranger).send(question->from, wrong);
    if (n % 64 == 0) {
      EXPECT_FALSE(is_probed_now());
    }
  }
  EXPECT_TRUE(told.empty());
  reply(*question);
  ASSERT_TRUE(until([&] { return !told.empty(); }));
  EXPECT_TRUE(told[0].result.reply);
  EXPECT_EQ(which->failed_probes, 0u);
  EXPECT_EQ(doubts, 0u);
}

/// An upstream that drops queries with EDNS is not down: the probe is repeated without, and what that has shown is
/// known to all that follow, those of the next actor too.
TEST_F(UpstreamTest, DroppingEdnsIsNotBeingDown) {
  begin_forward();
  start();
  fails();
  ASSERT_TRUE(probed());
  wait(500ms);
  std::optional<net::test::seen> plain;
  ASSERT_TRUE(until([&] { return (plain = other->receive()).has_value(); }));
  EXPECT_FALSE(plain->query.edns.present);
  reply(*plain);
  for (const bool restarted : {false, true}) {
    if (restarted)
      kill(which->actor);
    ASSERT_TRUE(until([&] { return which->link.edns->left_out() && find(which->actor); }));
    run();
    tell(find(which->actor), exchange{std::make_shared<const dns::query>(dns::test::asked("a.example.org", 1, 0)),
                                      {net::protocol::udp, net::refetch::always, time.now() + 5s},
                                      {}});
    ASSERT_TRUE(until([&] { return (plain = other->receive()).has_value(); }));
    EXPECT_FALSE(plain->query.edns.present);
    reply(*plain);
  }
  EXPECT_EQ(which->failed_probes, 0u);
}

/// Who listens to what becomes of one exchange.
TEST_F(UpstreamTest, AnExchangeUnderWayIsToldWhenItIsKilled) {
  begin_forward();
  start();
  ASSERT_TRUE(asked("example.org")) << "it is on its way";
  kill(which->actor);
  ASSERT_TRUE(until([&] { return !told.empty(); }));
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].token, 1u);
  EXPECT_FALSE(told[0].answered && told[0].result.failure != net::exchange_failure::link_gone);
}

} // namespace
} // namespace troupe
