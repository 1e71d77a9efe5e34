// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actor_fixture.hpp"

#include <caf/scoped_actor.hpp>

namespace troupe {
namespace {

using namespace std::chrono_literals;

using idler_handle = protocol<caf::result<void>(retry_atom)>;

/// Does nothing but note its beginning and end.
class idler final : public floating<idler_handle> {
public:
  using notes = std::vector<std::string>;

  idler(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, notes* to)
    : floating<idler_handle>(cfg, shared, who), to_(to) {
    to_->push_back("+" + who.name);
  }

protected:
  behavior_type make_behavior() override {
    return {[](retry_atom) {}};
  }
  void on_exit() override { to_->push_back("-" + identity().name); }

private:
  notes* to_;
};

class SupervisorTest : public test::actor_fixture {
public:
  ~SupervisorTest() override { end(); } // idlers note their end in `seen`

  std::shared_ptr<child> idle(const std::string& name) { return line<idler>({name, "idler", "supervisor", {}}, &seen); }

  /// What happened since the last call.
  idler::notes news() { return std::exchange(seen, {}); }

  void kill_and_run(const std::string& name) {
    kill(name);
    run();
  }

  idler::notes seen;
};

using notes = idler::notes;

TEST_F(SupervisorTest, StartsInOrderAndStopsTheOtherWayRound) {
  auto top = supervise({idle("a"), idle("b"), idle("c")});
  run();
  EXPECT_EQ(news(), (notes{"+a", "+b", "+c"}));
  tell(top, adopt{idle("late"), nullptr}); // depends on those of the tree, so it goes first
  run();
  EXPECT_EQ(news(), notes{"+late"});
  tell(top, stop_atom::value);
  run();
  EXPECT_EQ(news(), (notes{"-late", "-c", "-b", "-a"}));
  for (auto name : {"a", "b", "c", "late"})
    EXPECT_EQ(stats(name)->state, actor_stats::life::stopped) << name;
}

TEST_F(SupervisorTest, RestartsAtOnceThenWithDoublingWaits) {
  supervise({idle("a"), idle("b")});
  run();
  news();
  kill_and_run("a");
  EXPECT_EQ(news(), (notes{"-a", "+a"})) << "the first time nobody waits, and the neighbour lives on";
  EXPECT_EQ(restarts("a"), 1u);
  EXPECT_NE(stats("a")->last_failure(), std::nullopt);
  for (auto wait : {1ms, 2ms, 4ms, 8ms, 16ms}) {
    kill_and_run("a");
    pass(wait - 1us);
    EXPECT_EQ(news(), notes{"-a"}) << wait.count();
    EXPECT_EQ(stats("a")->state, actor_stats::life::backing_off);
    pass(1us);
    EXPECT_EQ(news(), notes{"+a"}) << wait.count();
    EXPECT_EQ(stats("a")->state, actor_stats::life::running);
  }
  EXPECT_EQ(restarts("a"), 6u);
  EXPECT_EQ(restarts("b"), 0u);
}

TEST_F(SupervisorTest, FencesWhoFailsTooOftenAndTriesAgainSlowly) {
  auto what = idle("a");
  what->policy.most = 3;
  supervise({what});
  run();
  for (int i = 0; i < 4; ++i) {
    kill_and_run("a");
    if (i < 3)
      pass(what->policy.longest_backoff);
  }
  news();
  EXPECT_EQ(stats("a")->state, actor_stats::life::fenced);
  pass(what->policy.fenced_retry - 1ms);
  EXPECT_EQ(news(), notes{});
  pass(1ms);
  EXPECT_EQ(news(), notes{"+a"});
  EXPECT_EQ(stats("a")->state, actor_stats::life::running);
}

TEST_F(SupervisorTest, TellsOfAFenceAndPutsItUpAgainAfterOneFailure) {
  std::vector<bool> told;
  auto what = idle("a");
  what->policy.most = 3;
  what->fenced = [&](bool on) { told.push_back(on); };
  supervise({what});
  run();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(told, std::vector<bool>{}) << i;
    kill_and_run("a");
    if (i < 3)
      pass(what->policy.longest_backoff);
  }
  EXPECT_EQ(told, std::vector<bool>{true});
  pass(what->policy.fenced_retry);
  EXPECT_EQ(told, (std::vector<bool>{true, false}));
  kill_and_run("a");
  EXPECT_EQ(told, (std::vector<bool>{true, false, true})) << "one failure is enough now";
  EXPECT_EQ(stats("a")->state, actor_stats::life::fenced);
  pass(what->policy.fenced_retry - 1ms);
  EXPECT_EQ(told.size(), 3u);
}

/// What the last life left may be why this one failed.
TEST_F(SupervisorTest, DistrustsWhatIsLeftWhenARestartFailsAtOnce) {
  auto what = idle("a");
  what->policy.short_life = 1h;
  supervise({what});
  run();
  kill_and_run("a");
  EXPECT_FALSE(stats("a")->distrusted) << "the first life began with nothing anyway";
  kill_and_run("a");
  EXPECT_TRUE(stats("a")->distrusted);
  what->policy.short_life = 0ms;
  pass(1ms);
  kill_and_run("a");
  EXPECT_FALSE(stats("a")->distrusted) << "it lived long";
}

TEST_F(SupervisorTest, AnOlderIncarnationEndsAndIsNotMissed) {
  auto what = idle("a");
  auto top = supervise({what});
  run();
  const auto older = find("a");
  news();
  const auto newer = what->start();
  shared.where.enter("a", older); // as if it had been started later
  tell(top, adopt{what, newer});
  run();
  EXPECT_EQ(news(), (notes{"+a", "-a"}));
  EXPECT_EQ(restarts("a"), 0u);
  EXPECT_EQ(find("a"), newer) << "the newer one stays in the directory";
  kill_and_run("a");
  EXPECT_EQ(news(), (notes{"-a", "+a"}));
}

TEST_F(SupervisorTest, ForgetsWhoEndedAsPlanned) {
  auto top = supervise({idle("a"), idle("b")});
  run();
  kill("a", caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(news(), (notes{"+a", "+b", "-a"}));
  EXPECT_EQ(stats("a"), nullptr);
  EXPECT_EQ(find("a"), nullptr);
  tell(top, stop_atom::value);
  run();
  EXPECT_EQ(news(), notes{"-b"});
}

/// Whom no plan names any more: with all that they started, and for good.
TEST_F(SupervisorTest, LetsGoOfAFamily) {
  auto top = supervise({idle("a"), idle("b")});
  auto child = idle("a/1"), grandchild = idle("a/1/0");
  child->who.parent = "a";
  grandchild->who.parent = "a/1";
  for (auto& what : {child, grandchild})
    tell(top, adopt{what, nullptr});
  run();
  kill_and_run("a/1"); // the next failure waits for its restart
  kill_and_run("a/1");
  news();
  caf::scoped_actor self{system};
  auto done = self->request(top, caf::infinite, dismiss{{"a", "nobody"}});
  run();
  bool answered = false;
  done.receive([&](bool) { answered = true; }, [](const caf::error&) {});
  EXPECT_TRUE(answered);
  EXPECT_EQ(news(), (notes{"-a", "-a/1/0"}));
  pass(1s);
  EXPECT_EQ(news(), notes{}) << "nobody is started again";
  for (auto name : {"a", "a/1", "a/1/0"}) {
    EXPECT_EQ(stats(name), nullptr) << name;
    EXPECT_EQ(find(name), nullptr) << name;
  }
  tell(top, adopt{idle("a"), nullptr}); // a name may come back
  run();
  EXPECT_EQ(news(), notes{"+a"});
  EXPECT_EQ(restarts("a"), 0u);
}

/// A zone server that was idle ends; the next question starts another before the end of the first is noticed.
TEST_F(SupervisorTest, CountsForTheSuccessorOfOneThatEndedAsPlanned) {
  auto what = idle("a");
  auto top = supervise({what});
  run();
  kill("a", caf::exit_reason::user_shutdown);
  const auto successor = what->start();
  run();
  tell(top, adopt{what, successor});
  tell(caf::actor_cast<idler_handle>(successor), retry_atom::value);
  run();
  ASSERT_NE(stats("a"), nullptr);
  EXPECT_EQ(stats("a")->messages, 1u + 1u) << "the exit of the first, the message to the second";
}

/// An APEX starts the next zone server before the end of the last one is noticed.
TEST_F(SupervisorTest, SuccessorsThatOthersStartedAreRunning) {
  auto what = idle("a");
  const auto start = std::exchange(what->start, [] { return nullptr; });
  auto top = supervise({});
  tell(top, adopt{what, start()});
  run();
  kill("a");
  scheduler.run_once();
  const auto successor = start();
  run();
  tell(top, adopt{what, successor});
  run();
  EXPECT_EQ(restarts("a"), 1u);
  EXPECT_EQ(stats("a")->state, actor_stats::life::running);
}

TEST_F(SupervisorTest, TriesAgainWhatCannotStart) {
  auto what = idle("a");
  int refusals = 2;
  what->start = [start = what->start, &refusals]() -> caf::strong_actor_ptr {
    if (refusals-- > 0)
      throw std::runtime_error("no port to be had");
    return start();
  };
  supervise({what});
  run();
  EXPECT_EQ(news(), notes{}) << "twice refused, once at once";
  EXPECT_EQ(stats("a")->last_failure(), "no port to be had");
  pass(1ms);
  EXPECT_EQ(news(), notes{"+a"});
}

TEST_F(SupervisorTest, TellsThoseWhoWantToKnowOfARestart) {
  int told = 0;
  auto what = idle("a");
  what->restarted = [&] { ++told; };
  supervise({what});
  run();
  EXPECT_EQ(told, 0);
  kill_and_run("a");
  EXPECT_EQ(told, 1);
}

/// Whoever fails while others are being stopped changes nothing in their order.
TEST_F(SupervisorTest, KeepsItsOrderWhenAnotherFailsMeanwhile) {
  auto top = supervise({idle("a"), idle("b"), idle("c")});
  run();
  news();
  kill("a");
  tell(top, stop_atom::value);
  run();
  auto order = news();
  EXPECT_EQ(order.size(), 3u) << "nobody is started again";
  EXPECT_LT(std::find(order.begin(), order.end(), "-c"), std::find(order.begin(), order.end(), "-b"));
}

} // namespace
} // namespace troupe
