// SPDX-License-Identifier: Apache-2.0
#include "actors/caching/caches.hpp"
#include "actors/forwarding/forwards.hpp"
#include "net/subquery_endpoint.hpp"
#include "tests/support/actor_cluster.hpp"
#include "tests/support/nothing_around.hpp"

namespace troupe {
namespace {

/// The table of the tree against who there is.
class SupervisionTest : public test::cluster_fixture {
public:
  spawn_site two_loops() { return {system, shared, nullptr, {&pinned_here, &pinned_there}}; }

  static void expect_known(const actor_identity& who) {
    const supervised* const line = supervision_of(who.kind);
    ASSERT_TRUE(line) << who.name << " is a " << who.kind;
    EXPECT_TRUE(fits(*line, who)) << who.name << " under " << who.parent;
  }
  static void expect_known(const tree& children, size_t least) {
    EXPECT_GE(children.size(), least);
    for (auto& each : children)
      expect_known(each->who);
  }
};

TEST_F(SupervisionTest, TellsAChildFromWhoStandsElsewhere) {
  const struct {
    actor_identity who;
    bool expected;
  } rows[] = {
    {{"loop", "loop", "supervisor", 0}, true},
    {{"loop", "loop", "supervisor", 1}, false}, // not loop 0
    {{"loop", "loop", "supervisor", {}}, false},
    {{"loop", "loop", "notify", 0}, false},
    {{"loops", "loop", "supervisor", 0}, false},
    {{"", "loop", "supervisor", 0}, false},
    {{"loop", "loop", "", 0}, false},
    {{"zone/beta", "zone", "namespaces", {}}, true},
    {{"2/zone/beta", "zone", "2/namespaces", {}}, true}, // of a second source
    {{"zone/7", "zone", "namespaces", {}}, true},
    {{"zone/beta", "zone", "supervisor", {}}, false},
    {{"zone/beta", "zone", "namespaces", 1}, false}, // floats
    {{"zone/beta/0", "zone", "namespaces", {}}, false},
    {{"zone", "zone", "namespaces", {}}, false},
    {{"x/zone/beta", "zone", "namespaces", {}}, false},
    {{"zone/beta/1", "zone-server", "zone/beta", 1}, true},
    {{"zone/beta/1", "zone-server", "namespaces", 1}, false},
    {{"zone/beta/1", "zone-server", "zone/beta", {}}, false}, // pinned
    {{"health", "health", "supervisor", {}}, true},
    {{"ready", "health", "supervisor", {}}, true},
    {{"health, ready", "health", "supervisor", {}}, false},
    {{"actors", "health", "supervisor", {}}, false},
    {{"upstream/[2001:db8::1]:53", "upstream", "forward", 1}, true},
    {{"3/upstream/192.0.2.1:53", "upstream", "3/forward", 0}, true},
    {{"listener/own/1", "listener", "supervisor", 1}, true},
    {{"listener/udp/127.0.0.1:53/1", "listener", "supervisor", 1}, true},
    {{"listener/127.0.0.1:53/1", "listener", "supervisor", 1}, false},
  };
  for (auto& row : rows)
    EXPECT_EQ(fits(*supervision_of(row.who.kind), row.who), row.expected)
      << row.who.name << " under " << row.who.parent;
  EXPECT_FALSE(fits(*supervision_of("zone"), rows[0].who)) << "of another kind";
  EXPECT_EQ(supervision_of("listeners"), nullptr);
}

TEST_F(SupervisionTest, KnowsWhoReadsAndAnswersACluster) {
  tables.keep.pods = tables.keep.imports = true;
  for (const char* prefix : {"", "2/"}) {
    tables.prefix = prefix;
    std::vector<std::unique_ptr<cluster_on_loop>> on_loop;
    for (size_t i = 0; i < 2; ++i)
      on_loop.push_back(std::make_unique<cluster_on_loop>(tables));
    expect_known(cluster_children(two_loops(), tables, on_loop), 12);
  }
}

TEST_F(SupervisionTest, KnowsWhoForwardsAndKeeps) {
  const auto made = config::make_plan(
    "Corefile", ". {\nforward . 192.0.2.1 2001:db8::1\ncache\n}\na.example {\nforward . 192.0.2.2\ncache 5\n}\n",
    test::nothing_around());
  ASSERT_TRUE(made.plan) << made.error->text();
  const auto ahead = forwards::make(*made.plan, {}, 2, metered.proxies).all;
  const auto kept = caches::make(*made.plan, {}).all;
  ASSERT_TRUE(ahead.size() == 2 && kept.size() == 2);
  for (auto& each : ahead)
    expect_known(forward_children(two_loops(), each), 4);
  net::subquery_endpoint subqueries{home};
  for (auto& each : kept) {
    for (size_t i = 0; i < 2; ++i)
      each->on_loop.push_back(
        std::make_unique<cache_on_loop>(cache_on_loop{*each, subqueries, metered.caches.counters({}, i), {}}));
    expect_known(cache_children(two_loops(), each), 2);
  }
}

TEST_F(SupervisionTest, KnowsWhoJoinsLater) {
  says_two_namespaces();
  start();
  size_t keepers = 0;
  for (auto& stats : shared.actors.all())
    if (stats->identity.kind != "supervisor") {
      expect_known(stats->identity);
      keepers += stats->identity.kind == "zone";
    }
  EXPECT_EQ(keepers, 2u);
}

} // namespace
} // namespace troupe
