// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actor_serving.hpp"

namespace troupe {
namespace {

using test::came;
using test::went;
using enum dns::rcode;

/// Keepers, cells and zone servers of namespaces that went.
class RetirementTest : public test::serving_fixture {
public:
  void SetUp() override {
    says_two_namespaces();
    serve(".:53 {\n  kubernetes cluster.local {\n    endpoint http://127.0.0.1:1\n  }\n}\n");
    ASSERT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
  }

  void red_goes() {
    event(service, {went(came("red", "a", "10.96.0.1"))});
    event(namespace_object, {went(came("red"))});
    settle();
  }
  void red_comes() {
    event(namespace_object, {came("red")});
    event(service, {came("red", "a", "10.96.0.9")});
  }
  void expect_gone() {
    EXPECT_EQ(find("zone/red"), nullptr);
    EXPECT_EQ(stats("zone/red"), nullptr);
    EXPECT_EQ(cell("red"), nullptr);
    EXPECT_EQ(tables.cells.all().size(), 1u);
    EXPECT_NE(find("zone/blue"), nullptr);
  }
  void expect_new() {
    settle();
    EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
    EXPECT_TRUE(knows_address("10.96.0.9"));
    EXPECT_NE(find("zone/red"), nullptr);
    EXPECT_EQ(restarts("zone/red"), 0u);
    EXPECT_TRUE(tables.synced);
  }
};

TEST_F(RetirementTest, MinutesAfterTheNamespaceWentItsPartsDo) {
  red_goes();
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), nxdomain);
  pass(namespaces::retire_after);
  EXPECT_NE(find("zone/red"), nullptr) << "it was told something since the last look";
  pass(namespaces::retire_after);
  expect_gone();
  EXPECT_EQ(answer_to("a.red.svc.cluster.local"), nxdomain);
  EXPECT_EQ(find("zone/red/0"), nullptr) << "the server of the cell that went";
  wait(apex::idle_limit);
  EXPECT_EQ(answer_to("b.blue.svc.cluster.local"), noerror);
}

TEST_F(RetirementTest, ANamespaceThatNeverHadAnything) {
  event(namespace_object, {came("bare")});
  settle();
  EXPECT_EQ(answer_to("a.bare.svc.cluster.local"), nxdomain);
  EXPECT_NE(cell("bare"), nullptr);
  event(namespace_object, {went(came("bare"))});
  pass(namespaces::retire_after);
  EXPECT_EQ(cell("bare"), nullptr);
  EXPECT_EQ(tables.cells.all().size(), 2u);
  EXPECT_EQ(answer_to("a.bare.svc.cluster.local"), nxdomain);
  EXPECT_EQ(find("zone/bare/0"), nullptr);
}

TEST_F(RetirementTest, TheNameComesAgain) {
  for (int times = 0; times < 2; ++times) {
    times == 0 ? red_goes() : event(service, {went(came("red", "a", "10.96.0.9"))});
    event(namespace_object, {went(came("red"))});
    settle();
    pass(namespaces::retire_after);
    pass(namespaces::retire_after);
    expect_gone();
    red_comes();
    expect_new();
  }
}

/// The next keeper begins while the last one is on its way out, whoever is killed meanwhile.
TEST_F(RetirementTest, TheNameComesInTheSameMoment) {
  for (const char* victim : {"", "zone/red", "namespaces"}) {
    SCOPED_TRACE(victim);
    red_goes();
    event(service, {went(came("red", "a", "10.96.0.9"))});
    settle();
    pass(namespaces::retire_after);
    kill(victim);
    scheduler.advance_time(namespaces::retire_after);
    red_comes();
    settle();
    red_comes(); // once more: after a kill all is listed again, and this test's lists are the old ones
    settle();
    EXPECT_EQ(answer_to("a.red.svc.cluster.local"), noerror);
    EXPECT_TRUE(knows_address("10.96.0.9"));
  }
}

/// A keeper that fails on its way out is started again, and told to go.
TEST_F(RetirementTest, AKeeperThatIsKilledOnItsWayOut) {
  red_goes();
  pass(namespaces::retire_after);
  scheduler.advance_time(namespaces::retire_after);
  kill("zone/red");
  settle();
  expect_gone();
  red_comes();
  expect_new();
}

TEST_F(RetirementTest, WhoStays) {
  const auto twice = [&] {
    pass(namespaces::retire_after);
    pass(namespaces::retire_after);
    pass(namespaces::retire_after);
  };
  twice();
  EXPECT_NE(find("zone/red"), nullptr) << "the namespace is there";
  event(namespace_object, {went(came("red"))});
  twice();
  EXPECT_NE(find("zone/red"), nullptr) << "it has objects, which come before or go after the namespace";
  event(namespace_object, {came("red")});
  event(service, {went(came("red", "a", "10.96.0.1"))});
  twice();
  EXPECT_NE(find("zone/red"), nullptr) << "an empty namespace may get objects soon";
  event(namespace_object, {went(came("red"))});
  twice();
  expect_gone();
}

} // namespace
} // namespace troupe
