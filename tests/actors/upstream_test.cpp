// SPDX-License-Identifier: Apache-2.0
#include "actors/upstream.hpp"
#include "actors/upstream_choice.hpp"
#include "tests/net/upstream_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/asking_endpoint.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// An UPSTREAM with a socket; the test is the other end.
class UpstreamTest : public test::actor_fixture {
public:
  ~UpstreamTest() override { end(); }

  void start(const std::string& options = "") {
    config::environment none;
    none.variable = [](const std::string&) { return std::nullopt; };
    const auto made =
      config::make_plan("Corefile", ". {\nforward . " + other->address().to_text() + " {\n" + options + "}\n}\n", none);
    ASSERT_TRUE(made.plan) << made.error->text();
    group = std::make_unique<forward_group>(made.plan->blocks[0].forward[0], "", 1);
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

  std::optional<net::test::seen> probed() {
    std::optional<net::test::seen> got;
    until([&] { return (got = other->receive()).has_value(); });
    return got;
  }
  bool is_probed_now() {
    run();
    home.io().poll();
    return other->receive().has_value();
  }
  void reply(const net::test::seen& to, unsigned rcode = 0) {
    other->send(to.from, dns::test::reply_to(to.query, to.query.id, rcode, {}));
  }
  void fails() { tell(find(which->actor), failing_atom::value); }
  bool down() const { return is_down(*which, group->options); }

  std::unique_ptr<net::test::udp_upstream> other = std::make_unique<net::test::udp_upstream>();
  std::unique_ptr<forward_group> group;
  std::shared_ptr<upstream_state> which;
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

/// Who listens to what becomes of one exchange.
TEST_F(UpstreamTest, AnExchangeUnderWayIsToldWhenItIsKilled) {
  start();
  std::vector<exchanged> told;
  const auto asker = system.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](exchanged& message) { told.push_back(std::move(message)); }};
  });
  const auto what = std::make_shared<const dns::query>(dns::test::asked("example.org", 1, 0));
  tell(find(which->actor), exchange{what,
                                    {net::protocol::udp, true, time.now() + 5s},
                                    slip<exchanged>{caf::actor_cast<caf::strong_actor_ptr>(asker), 7}});
  ASSERT_TRUE(probed()) << "it is on its way";
  kill(which->actor);
  ASSERT_TRUE(until([&] { return !told.empty(); }));
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].token, 7u);
  EXPECT_FALSE(told[0].answered && told[0].result.failure != net::exchange_failure::link_gone);
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  run();
}

} // namespace
} // namespace troupe
