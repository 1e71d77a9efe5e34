// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actor_cluster.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::came;
using what = kube::chunk::what;

/// From chunks to published tables: watchers, namespaces, zone keepers, reverse keeper.
class PipelineTest : public test::cluster_fixture {
public:
  /// Fails the test if any of both namespaces' names, addresses or flags is missing.
  void expect_whole() {
    EXPECT_TRUE(knows("red", "a"));
    EXPECT_TRUE(knows("blue", "b"));
    EXPECT_TRUE(knows_address("10.96.0.1"));
    EXPECT_TRUE(knows_address("10.96.0.2"));
    EXPECT_TRUE(tables.root.snapshot()->synced);
    EXPECT_TRUE(tables.synced);
    EXPECT_TRUE(cell("red")->exists && cell("blue")->exists);
  }
};

TEST_F(PipelineTest, ObjectsBecomeTables) {
  says_two_namespaces();
  start();
  expect_whole();
  EXPECT_FALSE(knows("red", "b"));
  for (auto name : {"zone/red", "zone/blue"})
    EXPECT_NE(find(name), nullptr) << name;
}

kube::change pod_of(const std::string& namespace_, const std::string& name, const std::string& address) {
  kube::pod out;
  out.namespace_ = namespace_;
  out.name = name;
  out.addresses = {*kube::address::from_text(address)};
  return {kube::change::what::upsert, out};
}

kube::change import_of(const std::string& namespace_, const std::string& name) {
  kube::service_import out;
  out.namespace_ = namespace_;
  out.name = name;
  out.ips = {*kube::address::from_text("10.97.0.1")};
  return {kube::change::what::upsert, out};
}

TEST_F(PipelineTest, PodsBecomeATable) {
  tables.keep.pods = true;
  says_two_namespaces();
  start();
  EXPECT_FALSE(tables.synced); // Pods are awaited as well
  event(pod, {}, what::list_begin);
  event(pod, {pod_of("red", "p", "10.1.0.1"), pod_of("none", "q", "10.1.0.2")});
  event(pod, {}, what::list_end);
  settle();
  EXPECT_TRUE(tables.synced);
  EXPECT_TRUE(knows_pod("10.1.0.1"));
  EXPECT_TRUE(knows_pod("10.1.0.2"));
  EXPECT_EQ(find("zone/none"), nullptr); // pods alone need no keeper
  auto gone = pod_of("red", "p", "10.1.0.1");
  gone.kind = kube::change::what::remove;
  event(pod, {gone});
  settle();
  EXPECT_FALSE(knows_pod("10.1.0.1"));
}

TEST_F(PipelineTest, PodsAreListedAgainForANewKeeperOfThem) {
  tables.keep.pods = true;
  says(pod, {pod_of("red", "p", "10.1.0.1")});
  says_two_namespaces();
  start();
  ASSERT_TRUE(knows_pod("10.1.0.1"));
  const auto before = find("pods");
  kill("pods");
  event(pod, {pod_of("red", "lost", "10.1.0.9")}); // dies in its mailbox, or comes; the list does not have it
  settle();
  EXPECT_NE(find("pods"), before);
  EXPECT_TRUE(knows_pod("10.1.0.1"));
  EXPECT_FALSE(knows_pod("10.1.0.9"));
}

TEST_F(PipelineTest, ImportsBecomeTablesOfTheirOwn) {
  tables.keep.imports = true;
  says(service_import, {import_of("red", "far")});
  says_two_namespaces();
  start();
  EXPECT_TRUE(tables.synced);
  EXPECT_TRUE(knows_import("red", "far"));
  EXPECT_FALSE(knows("red", "far"));
  EXPECT_FALSE(knows_import("red", "a"));
  event(service_import, {}, what::list_begin);
  event(service_import, {}, what::list_end);
  settle();
  EXPECT_FALSE(knows_import("red", "far"));
  EXPECT_TRUE(knows("red", "a"));
}

TEST_F(PipelineTest, EventsReplaceAndRemove) {
  says_two_namespaces();
  start();
  auto gone = came("red", "a", "10.96.0.1");
  gone.kind = kube::change::what::remove;
  event(service, {came("red", "c", "10.96.0.3"), gone});
  settle();
  EXPECT_TRUE(knows("red", "c"));
  EXPECT_TRUE(knows_address("10.96.0.3"));
  EXPECT_FALSE(knows("red", "a"));
  EXPECT_FALSE(knows_address("10.96.0.1"));
  EXPECT_TRUE(knows("blue", "b"));
}

/// Names are not denied before everything was listed once and every keeper has published what it was told.
TEST_F(PipelineTest, SyncedOnlyWhenEverythingWasListed) {
  start();
  for (auto resource : {service, namespace_object, endpoint_slice}) {
    EXPECT_FALSE(tables.synced);
    event(resource, {}, what::list_begin);
    if (resource == service)
      event(resource, {came("red", "a", "10.96.0.1")});
    event(resource, {}, what::list_end);
    settle();
  }
  EXPECT_TRUE(tables.synced);
  EXPECT_TRUE(knows("red", "a"));
}

TEST_F(PipelineTest, SyncedWaitsForTheKeepersTables) {
  start();
  for (auto resource : {namespace_object, endpoint_slice, service}) {
    event(resource, {}, what::list_begin);
    if (resource == service)
      event(resource, {came("red", "a", "10.96.0.1")});
    event(resource, {}, what::list_end);
    while (!tables.synced && scheduler.try_run_once()) {
    }
  }
  EXPECT_TRUE(tables.synced);
  EXPECT_TRUE(knows("red", "a")) << "the table was there when the flag was set";
}

/// Each is killed in turn; what it had published stays in use, and what came meanwhile is not lost.
TEST_F(PipelineTest, WhoeverIsKilledComesBackToTheSameTables) {
  says_two_namespaces();
  start();
  for (auto victim :
       {"zone/red", "namespaces", "reverse", "services-watcher", "namespaces-watcher", "endpoints-watcher"}) {
    SCOPED_TRACE(victim);
    const auto before = cell("red")->tables.snapshot();
    const auto keeper = find("zone/blue");
    kill(victim);
    for (int steps = 0; steps < 200 && scheduler.try_run_once(); ++steps) {
      EXPECT_TRUE(knows("red", "a")) << "after step " << steps;
      EXPECT_TRUE(knows_address("10.96.0.1")) << "after step " << steps;
    }
    settle();
    EXPECT_EQ(restarts(victim), 1u);
    EXPECT_EQ(find("zone/blue"), keeper) << "keepers live on";
    EXPECT_EQ(cell("red")->tables.snapshot(), before) << "nothing changed";
    expect_whole();
  }
}

/// The latency of DNS programming is counted by kind of service, once a slice that says when what it follows changed.
TEST_F(PipelineTest, CountsTheLatencyOfWhatSlicesSay) {
  auto headless = came("red", "bare", "10.96.0.7");
  auto& its = std::get<kube::service>(headless.object);
  its.type = kube::service::kind::headless;
  its.cluster_ips.clear();
  says(namespace_object, {came("red")});
  says(service, {came("red", "a", "10.96.0.1"), headless});
  says(endpoint_slice, {});
  start();
  const auto slice = [](const std::string& of_service, bool timed, kube::change::what kind) {
    kube::endpoint_slice out;
    out.namespace_ = "red";
    out.name = of_service + "-1";
    out.service = of_service;
    if (timed)
      out.last_change_trigger = std::chrono::system_clock::now() - 3s;
    return kube::change{kind, out};
  };
  using enum kube::change::what;
  event(endpoint_slice, {slice("a", true, upsert), slice("bare", true, upsert)});
  event(endpoint_slice, {slice("bare", true, upsert), slice("bare", false, upsert), slice("nobody", true, upsert)});
  event(endpoint_slice, {slice("bare", true, remove)});
  settle();
  settle();
  std::map<std::string, uint64_t> counted;
  for (auto& family : metered.server.collect())
    if (family.name == "coredns_kubernetes_dns_programming_duration_seconds")
      for (auto& metric : family.metric) {
        counted[metric.label.at(0).value] = metric.histogram.sample_count;
        EXPECT_GE(metric.histogram.sample_sum, 3.0 * static_cast<double>(metric.histogram.sample_count));
      }
  EXPECT_EQ(counted, (std::map<std::string, uint64_t>{{"cluster_ip", 1}, {"headless_with_selector", 3}}));
}

#ifdef TROUPE_FAULTS
/// What was published is corrupt, so that whoever begins with it fails: another is made, from what the others know, and
/// readers have the old one until the new one is whole.
TEST_F(PipelineTest, WhatIsCorruptIsMadeAnew) {
  says_two_namespaces();
  start();
  const auto make_corrupt = [&](const std::string& whose) {
    if (whose == "zone/red")
      poisoned.add(cell("red")->tables.snapshot());
    else if (whose == "namespaces")
      poisoned.add(tables.root.snapshot());
    else
      poisoned.add(tables.reverse.snapshot());
  };
  const auto doubt = [&](const std::string& whose) {
    if (whose == "zone/red")
      tell(shared.where.find<zone_keeper_actor>(whose), verify_atom::value);
    else if (whose == "namespaces")
      tell(shared.where.find<namespaces_actor>(whose), verify_atom::value);
    else
      tell(shared.where.find<reverse_keeper_actor>(whose), verify_atom::value);
  };
  for (std::string whose : {"zone/red", "namespaces", "reverse"}) {
    SCOPED_TRACE(whose);
    doubt(whose);
    settle();
    EXPECT_EQ(restarts(whose), 0u) << "it is whole: the question was to blame";
    make_corrupt(whose);
    doubt(whose);
    for (int steps = 0; steps < 200 && scheduler.try_run_once(); ++steps) {
      EXPECT_TRUE(knows("red", "a")) << "after step " << steps;
      EXPECT_TRUE(knows_address("10.96.0.1")) << "after step " << steps;
    }
    settle();
    EXPECT_EQ(restarts(whose), 1u);
    EXPECT_EQ(stats(whose)->state, actor_stats::life::running);
    doubt(whose);
    settle();
    EXPECT_EQ(restarts(whose), 1u) << "what is there now is not corrupt";
    expect_whole();
  }
}
#endif

/// Without the help of a check: the second failure in a row is enough.
TEST_F(PipelineTest, WhatFailsAtOnceBeginsWithNothingAndReplacesOnlyWithAll) {
  says_two_namespaces();
  start();
  for (auto victim : {"zone/red", "namespaces", "reverse"}) {
    SCOPED_TRACE(victim);
    kill(victim);
    run();
    stats(victim)->distrusted = true;
    kill(victim);
    for (int steps = 0; steps < 400; ++steps) {
      EXPECT_TRUE(knows("red", "a")) << "after step " << steps;
      EXPECT_TRUE(knows_address("10.96.0.1")) << "after step " << steps;
      if (!scheduler.try_run_once())
        pass(1ms);
    }
    expect_whole();
    EXPECT_NE(cell("red"), nullptr);
  }
}

/// Victims of the two tests below; a fixture is one world.
class PipelineKillTest : public PipelineTest, public ::testing::WithParamInterface<std::tuple<const char*, int>> {
public:
  std::string victim() const { return std::get<0>(GetParam()); }
};

TEST_P(PipelineKillTest, BeforeTheFirstListIsPublished) {
  says_two_namespaces();
  supervise(data_children());
  for (int i = 0; i < std::get<1>(GetParam()); ++i)
    scheduler.try_run_once();
  kill(victim());
  settle();
  expect_whole();
  EXPECT_EQ(system.registry().running(), shared.actors.all().size()) << "no keeper was started beside another";
}

/// The differences of a keeper that fails die with the reverse keeper they were sent to, which is back before it.
TEST_F(PipelineTest, BothEndsOfTheReverseTableFail) {
  says_two_namespaces();
  start();
  for (int i = 0; i < 3; ++i) {
    kill("zone/red");
    settle();
  }
  kill("reverse");
  run();
  kill("reverse");
  run();
  tables.manifests.clear();
  says(namespace_object, {came("red"), came("blue")});
  says(service, {came("red", "new", "10.96.0.9"), came("blue", "b", "10.96.0.2")});
  says(endpoint_slice, {});
  auto gone = came("red", "a", "10.96.0.1");
  gone.kind = kube::change::what::remove;
  event(service, {came("red", "new", "10.96.0.9"), gone});
  run();
  kill("zone/red");
  settle();
  EXPECT_TRUE(knows_address("10.96.0.9"));
  EXPECT_FALSE(knows_address("10.96.0.1"));
  EXPECT_TRUE(knows_address("10.96.0.2"));
}

/// What is sent to an actor that is dead is lost: after its restart it asks.
TEST_P(PipelineKillTest, WhatCameWhileItWasDeadIsAskedFor) {
  says_two_namespaces();
  start();
  kill(victim());
  run();
  kill(victim()); // the second time it takes a millisecond to come back
  run();
  tables.manifests.clear();
  says(namespace_object, {came("red"), came("blue")});
  says(service, {came("red", "a", "10.96.0.1"), came("red", "new", "10.96.0.9"), came("blue", "b", "10.96.0.2")});
  says(endpoint_slice, {});
  event(service, {came("red", "new", "10.96.0.9")});
  settle();
  EXPECT_TRUE(knows("red", "new"));
  EXPECT_TRUE(knows_address("10.96.0.9"));
  expect_whole();
}

INSTANTIATE_TEST_SUITE_P(Everyone, PipelineKillTest,
                         ::testing::Combine(::testing::Values("reverse", "namespaces", "zone/red", "services-watcher"),
                                            ::testing::Values(1, 5, 9, 13, 17, 21, 25, 30, 40)));

} // namespace
} // namespace troupe
