// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/kubernetes.hpp"
#include "tests/support/actor_serving.hpp"

namespace troupe {
namespace {

using test::came;
using enum dns::rcode;

constexpr const char* plain = "cluster.local in-addr.arpa {\n  kubernetes cluster.local in-addr.arpa {\n"
                              "    endpoint http://127.0.0.1:1\n  }\n}\n";
constexpr const char* falling = "cluster.local {\n  kubernetes cluster.local {\n    endpoint http://127.0.0.1:1\n"
                                "    fallthrough\n  }\n}\n";

/// From the endpoint through listener, apex, zone servers and reverse server and back.
class ServingTest : public test::serving_fixture {
public:
  void begin(const char* corefile = plain) {
    says_two_namespaces();
    serve(corefile);
  }
};

TEST_F(ServingTest, EveryNameFindsWhoAnswers) {
  begin();
  const struct {
    const char* name;
    dns::rcode answer;
    const char* by;
  } table[] = {
    {"a.red.svc.cluster.local", noerror, "zone/red/0"},
    {"absent.red.svc.cluster.local", nxdomain, "zone/red/0"},
    {"b.blue.svc.cluster.local", noerror, "zone/blue/0"},
    {"a.green.svc.cluster.local", nxdomain, "apex/0"},
    {"red.svc.cluster.local", noerror, "apex/0"},
    {"cluster.local", noerror, "apex/0"},
    {"1.0.96.10.in-addr.arpa", noerror, "reverse/0"},
    {"7.0.96.10.in-addr.arpa", nxdomain, "reverse/0"},
    {"example.org", refused, "listener/0"},
  };
  for (auto& row : table) {
    const uint64_t before = queries_of(row.by);
    EXPECT_EQ(answer_to(row.name), row.answer) << row.name;
    EXPECT_EQ(queries_of(row.by), before + 1) << row.name << " is answered and counted by " << row.by;
  }
  EXPECT_EQ(endpoint.in_flight(), 0u);
}

TEST_F(ServingTest, NamesAreNotDeniedBeforeTheFirstSync) {
  serve(plain); // no source says anything
  for (auto name : {"a.red.svc.cluster.local", "red.svc.cluster.local", "1.0.96.10.in-addr.arpa"})
    EXPECT_EQ(answer_to(name), servfail) << name;
}

/// With nobody behind it a name that falls through is no name error but a failure, as in CoreDNS.
TEST_F(ServingTest, WhatFallsThroughToNobodyIsAFailure) {
  begin(falling);
  EXPECT_EQ(answer_to("absent.red.svc.cluster.local"), servfail);
  EXPECT_EQ(answer_to("a.green.svc.cluster.local"), servfail);
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
}

TEST_F(ServingTest, ABatchIsSplitAndComesTogetherAgain) {
  begin();
  const uint16_t first = endpoint.ask({"a.red.svc.cluster.local", "b.blue.svc.cluster.local", "cluster.local",
                                       "example.org", "1.0.96.10.in-addr.arpa", "absent.blue.svc.cluster.local"});
  run();
  const dns::rcode expected[] = {noerror, noerror, noerror, refused, noerror, nxdomain};
  for (uint16_t i = 0; i < 6; ++i)
    EXPECT_EQ(only_answer(static_cast<uint16_t>(first + i)), expected[i]) << i;
}

TEST_F(ServingTest, TheFirstQuestionStartsTheZoneServer) {
  begin();
  EXPECT_EQ(find("zone/red/0"), nullptr);
  answer_to("a.red.svc.cluster.local");
  const auto server = find("zone/red/0");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(cluster_here->running(), 1u);
  const uint64_t apex_messages = stats("apex/0")->messages;
  answer_to("a.red.svc.cluster.local");
  EXPECT_EQ(stats("apex/0")->messages, apex_messages) << "the second question goes there directly";
  EXPECT_EQ(find("zone/red/0"), server);
}

TEST_F(ServingTest, AnIdleZoneServerEndsAndComesBack) {
  begin();
  answer_to("a.red.svc.cluster.local");
  answer_to("b.blue.svc.cluster.local");
  time.advance(apex::idle_limit - std::chrono::seconds(1));
  run();
  answer_to("a.red.svc.cluster.local");
  time.advance(std::chrono::seconds(31)); // apex looks every 30 s
  run();
  EXPECT_NE(find("zone/red/0"), nullptr);
  EXPECT_EQ(find("zone/blue/0"), nullptr);
  EXPECT_EQ(stats("zone/blue/0"), nullptr) << "it is gone from /actors";
  EXPECT_EQ(cluster_here->running(), 1u);
  EXPECT_EQ(answer_to("b.blue.svc.cluster.local"), noerror);
  EXPECT_EQ(queries_of("zone/blue/0"), 1u);
}

TEST_F(ServingTest, ApexAnswersItselfWhenThereAreTooManyZoneServers) {
  says(namespace_object, {});
  std::vector<kube::change> services;
  for (size_t i = 0; i <= apex::max_zone_servers; ++i)
    services.push_back(came("ns-" + std::to_string(i), "a", "10.96.0.1"));
  says(service, services);
  says(endpoint_slice, {});
  serve(plain);
  for (size_t i = 0; i <= apex::max_zone_servers; ++i)
    EXPECT_NE(answer_to("a.ns-" + std::to_string(i) + ".svc.cluster.local"), refused);
  EXPECT_EQ(cluster_here->running(), apex::max_zone_servers);
}

/// Slots in the mailbox of whoever is killed are sent again, and every question is answered once.
TEST_F(ServingTest, KillingLosesNoQuestion) {
  begin();
  answer_to("a.red.svc.cluster.local");
  for (auto victim : {"zone/red/0", "apex/0", "reverse/0", "listener/0"})
    for (int moment = 0; moment < 12; ++moment) {
      SCOPED_TRACE(std::string{victim} + " killed after " + std::to_string(moment) + " steps");
      const uint16_t first = endpoint.ask({"a.red.svc.cluster.local", "cluster.local", "1.0.96.10.in-addr.arpa"});
      for (int i = 0; i < moment; ++i)
        if (!scheduler.try_run_once())
          home.run_turn();
      kill(victim);
      settle();
      pass(std::chrono::seconds(1)); // the longest wait for a restart
      for (uint16_t i = 0; i < 3; ++i) {
        const auto got = only_answer(static_cast<uint16_t>(first + i));
        EXPECT_EQ(got, noerror);
      }
      EXPECT_EQ(endpoint.in_flight(), 0u);
    }
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
}

/// Whoever looks at the clock here finds that its time is over.
TEST_F(ServingTest, LongWorkIsDoneInPartsAndOthersHaveTheirTurnBetween) {
  begin();
  answer_to("a.red.svc.cluster.local");
  time.tick(net::loop::max_turn);
  for (auto [name, by] : {std::pair{"a.red.svc.cluster.local", "zone/red/0"}, {"cluster.local", "apex/0"}}) {
    const uint64_t before = stats(by)->messages;
    const uint16_t first = endpoint.ask(std::vector<std::string>(64, name));
    run();
    for (uint16_t i = 0; i < 64; ++i)
      EXPECT_EQ(only_answer(static_cast<uint16_t>(first + i)), noerror);
    EXPECT_EQ(stats(by)->messages - before, 64u) << by;
  }
  EXPECT_EQ(endpoint.in_flight(), 0u);
}

TEST_F(ServingTest, WhoIsKilledBetweenTwoPartsLosesNoQuestion) {
  begin();
  answer_to("a.red.svc.cluster.local");
  time.tick(net::loop::max_turn);
  for (int moment = 0; moment < 12; ++moment) {
    const uint16_t first = endpoint.ask(std::vector<std::string>(64, "a.red.svc.cluster.local"));
    for (int i = 0; i < moment; ++i)
      if (!scheduler.try_run_once())
        home.run_turn();
    kill("zone/red/0");
    settle();
    pass(std::chrono::seconds(1));
    for (uint16_t i = 0; i < 64; ++i)
      EXPECT_EQ(only_answer(static_cast<uint16_t>(first + i)), noerror) << moment;
    EXPECT_EQ(endpoint.in_flight(), 0u);
  }
}

TEST_F(ServingTest, AKilledZoneServerIsNotMissed) {
  begin();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
    kill("zone/red/0");
    const uint16_t number = endpoint.ask({"a.red.svc.cluster.local"});
    run();
    EXPECT_EQ(only_answer(number), noerror);
    settle();
  }
  EXPECT_EQ(restarts("zone/red/0"), 20u);
  EXPECT_EQ(stats("zone/red/0")->state, actor_stats::life::running);
}

/// Over its intensity a zone server is fenced: its namespace is SERVFAIL at once, all else is answered, and it is tried
/// again slowly.
TEST_F(ServingTest, AFencedZoneServerCostsItsNamespaceOnly) {
  begin();
  const restart_policy policy;
  for (size_t i = 0; i <= policy.most; ++i) {
    EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror) << "questions start it again until then";
    kill("zone/red/0");
    run();
  }
  ASSERT_EQ(stats("zone/red/0")->state, actor_stats::life::fenced);
  const auto expect_fenced = [&] {
    EXPECT_EQ(answer_to("a.red.svc.cluster.local"), servfail);
    EXPECT_EQ(answer_to("nobody.red.svc.cluster.local"), servfail);
    EXPECT_EQ(answer_to("b.blue.svc.cluster.local"), noerror);
    EXPECT_EQ(answer_to("cluster.local"), noerror);
    EXPECT_EQ(answer_to("1.0.96.10.in-addr.arpa"), noerror);
    EXPECT_EQ(find("zone/red/0"), nullptr);
  };
  expect_fenced();
  pass(policy.fenced_retry - std::chrono::milliseconds(1));
  expect_fenced();
  pass(std::chrono::milliseconds(1));
  EXPECT_EQ(stats("zone/red/0")->state, actor_stats::life::running);
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
  kill("zone/red/0");
  run();
  EXPECT_EQ(stats("zone/red/0")->state, actor_stats::life::fenced) << "one failure is enough now";
  expect_fenced();
}

#ifdef TROUPE_FAULTS
/// A corrupt table is SERVFAIL for its namespace only, and made anew because somebody asked.
TEST_F(ServingTest, ACorruptTableIsMadeAnewWhenSomebodyAsks) {
  begin();
  answer_to("a.red.svc.cluster.local");
  poisoned.add(cell("red")->tables.snapshot());
  EXPECT_EQ(answer_to("b.blue.svc.cluster.local"), noerror);
  EXPECT_EQ(restarts("zone/red"), 0u);
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), servfail);
  settle();
  EXPECT_EQ(restarts("zone/red"), 1u);
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
  EXPECT_EQ(restarts("zone/red/0"), 0u) << "who only reads it lives on";
}

TEST_F(ServingTest, ACorruptRootOrReverseTableIsMadeAnewWhenSomebodyAsks) {
  begin();
  struct {
    std::shared_ptr<const void> corrupt;
    const char *asked, *maker;
  } const cases[] = {{tables.root.snapshot(), "a.red.svc.cluster.local", "namespaces"},
                     {tables.reverse.snapshot(), "1.0.96.10.in-addr.arpa", "reverse"}};
  for (auto& c : cases) {
    SCOPED_TRACE(c.maker);
    EXPECT_EQ(answer_to(c.asked), noerror);
    poisoned.add(c.corrupt);
    EXPECT_EQ(answer_to(c.asked), servfail);
    settle();
    EXPECT_EQ(restarts(c.maker), 1u);
    EXPECT_EQ(answer_to(c.asked), noerror);
  }
}
#endif

/// A stage that throws.
class failing_stage final : public stage {
public:
  std::string_view name() const noexcept override { return "errors"; }
  step request(net::slot& slot, stage_scope&) override {
    if (slot.query.qname_labels == 3)
      throw std::runtime_error("failed on the way in");
    return step::next;
  }
  void response(net::slot& slot, stage_scope&) override {
    if (slot.query.qname_labels == 4)
      throw std::runtime_error("failed on the way out");
  }
};

TEST_F(ServingTest, AStageThatThrowsCostsOneAnswer) {
  begin();
  auto broken = std::make_shared<serving_plan>();
  broken->source = plan->source;
  broken->listener = plan->listener;
  broken->zones = plan->zones;
  broken->blocks.resize(1);
  broken->blocks[0].stages.push_back(std::make_unique<failing_stage>());
  broken->blocks[0].stages.push_back(std::make_unique<kubernetes_stage>(
    *plan->source->blocks[0].kubernetes, answer_options(plan->source->blocks[0], resources), cluster_here,
    broken->views[cluster_here.get()]));
  plan = broken;
  const uint16_t first =
    endpoint.ask({"a.red.svc.cluster.local", "svc.cluster.local", "red.svc.cluster.local", "cluster.local"});
  run();
  const dns::rcode expected[] = {noerror, servfail, servfail, noerror};
  for (uint16_t i = 0; i < 4; ++i)
    EXPECT_EQ(only_answer(static_cast<uint16_t>(first + i)), expected[i]) << i;
  EXPECT_EQ(restarts("listener/0"), 0u);
}

/// Who is next: says always the same, from no zone of its own.
class saying_stage final : public stage {
public:
  explicit saying_stage(const dns::rcode& what) : what_(what) {}
  std::string_view name() const noexcept override { return "forward"; }
  step request(net::slot& slot, stage_scope& scope) override {
    net::answer_code(scope.batch, slot, what_);
    slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
    return step::answered;
  }

private:
  const dns::rcode& what_;
};

/// With `fallthrough` the next stage is asked about a name that CoreDNS does not know here, and may know more of it;
/// but that it does not exist is not true.
TEST_F(ServingTest, ANameThatExistsIsDeniedByNobody) {
  begin(falling);
  EXPECT_EQ(answer_to("dns.cluster.local"), noerror); // nobody is next

  dns::rcode next = nxdomain;
  auto both = std::make_shared<serving_plan>();
  both->source = plan->source;
  both->listener = plan->listener;
  both->zones = plan->zones;
  both->blocks.resize(1);
  both->blocks[0].stages.push_back(std::make_unique<kubernetes_stage>(
    *plan->source->blocks[0].kubernetes, answer_options(plan->source->blocks[0], resources), cluster_here,
    both->views[cluster_here.get()]));
  both->blocks[0].stages.push_back(std::make_unique<saying_stage>(next));
  plan = both;
  const struct {
    const char* name;
    dns::rcode next, expected;
  } table[] = {
    {"dns.cluster.local", nxdomain, noerror},
    {"dns.cluster.local", noerror, noerror},
    {"dns.cluster.local", refused, refused},
    {"dns.cluster.local", servfail, servfail},
    {"_tcp.a.red.svc.cluster.local", nxdomain, nxdomain}, // no such port
    {"absent.red.svc.cluster.local", nxdomain, nxdomain},
    {"a.red.svc.cluster.local", nxdomain, noerror}, // nobody is asked
  };
  for (auto& row : table) {
    next = row.next;
    const uint16_t number = endpoint.ask({row.name});
    run();
    EXPECT_EQ(only_answer(number), row.expected) << row.name;
    EXPECT_EQ(endpoint.messages[number][3] & 15, static_cast<int>(row.expected)) << row.name;
  }
}

} // namespace
} // namespace troupe
