// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/label_providers.hpp"
#include "actors/stages/log_format.hpp"
#include "net/subquery_endpoint.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/nothing_around.hpp"

#include <arpa/inet.h>

namespace troupe {
namespace {

/// A Corefile's labels, in front of a cluster that has a pod `shop/till` with labels at 10.244.0.1.
class MetadataTest : public test::actor_fixture {
public:
  MetadataTest() {
    zone::pod_keeper pods;
    kube::pod till;
    till.namespace_ = "shop";
    till.name = "till";
    till.addresses = {*kube::address::from_text("10.244.0.1"), *kube::address::from_text("fd00::1")};
    till.labels = {{"app", "till"}, {"example.org/tier", "front"}};
    pods.apply({kube::change::what::upsert, till});
    tables.pods.publish(pods.build());
  }
  ~MetadataTest() override { end(); }

  void read(const std::string& corefile) {
    auto made = config::make_plan("Corefile", corefile, test::nothing_around());
    ASSERT_TRUE(made.plan) << made.error->text();
    plan = made.plan;
    loop_resources resources{0, shared, metered, {}, {}};
    for (auto& block : plan->blocks)
      if (block.kubernetes)
        resources.clusters[block.kubernetes->identity()] = std::make_shared<cluster_on_loop>(tables);
    labels = labels_of(*plan, plan->listeners.front(), resources);
  }

  static net::slot asked(const std::string& name, const std::string& client = "10.244.0.1", uint16_t type = 1) {
    net::slot out;
    dns::set_name(out.query, dns::name::from_text(name)->wire());
    out.query.qtype = type;
    out.query.qclass = 1;
    if (inet_pton(AF_INET, client.c_str(), &out.from.remote.v4.sin_addr) == 1) {
      out.from.remote.v4.sin_family = AF_INET;
    } else {
      out.from.remote.v6.sin6_family = AF_INET6;
      inet_pton(AF_INET6, client.c_str(), &out.from.remote.v6.sin6_addr);
    }
    return out;
  }

  /// `-`: there is no such label.
  std::string label(const std::string& name, const net::slot& of) const {
    const block_labels* const known = labels ? labels->of(of) : nullptr;
    return known ? known->find(name, of).value_or("-") : "nobody's";
  }

  cluster_tables tables{metered.server};
  std::shared_ptr<const config::plan> plan;
  std::unique_ptr<const plan_labels> labels;
};

struct label_case {
  const char* name;
  const char* kind;
  const char* service;
  const char* namespace_;
  const char* endpoint;
  const char* port;
  const char* protocol;
  const char* zone;
  const char* error;
};

// As CoreDNS 1.14.7's parseRequest has them.
TEST_F(MetadataTest, LabelsOfClusterNames) {
  read("cluster.local in-addr.arpa {\n kubernetes {\n endpoint http://127.0.0.1:1\n zonal\n"
       " multicluster cluster.local\n }\n metadata\n}\n");
  const char* const bad = "invalid query name";
  const label_case rows[] = {
    {"cluster.local", "", "", "", "", "", "", "", "-"},
    {"svc.cluster.local", "", "", "", "", "", "", "", "-"},
    {"pod.cluster.local", "", "", "", "", "", "", "", "-"},
    {"shop.svc.cluster.local", "svc", "", "shop", "", "", "", "", "-"},
    {"shop.pod.cluster.local", "pod", "", "shop", "", "", "", "", "-"},
    {"Till.Shop.SVC.Cluster.Local", "svc", "till", "shop", "", "", "", "", "-"},
    {"10-1-0-1.shop.pod.cluster.local", "pod", "10-1-0-1", "shop", "", "", "", "", "-"},
    {"a.till.shop.svc.cluster.local", "svc", "till", "shop", "a", "", "", "", "-"},
    {"_http._tcp.till.shop.svc.cluster.local", "svc", "till", "shop", "", "http", "tcp", "", "-"},
    {"a.b.till.shop.svc.cluster.local", "svc", "till", "shop", "", "a", "b", "", "-"},
    {"__a.b.x.y.pod.cluster.local", "pod", "x", "y", "", "_a", "b", "", "-"},
    {"eu.west.pin._zone.till.shop.svc.cluster.local", "svc", "till", "shop", "", "", "", "eu.west", "-"},
    {"eu.prefer._zone.till.shop.svc.cluster.local", "svc", "till", "shop", "", "", "", "eu", "-"},
    {"eu.other._zone.till.shop.svc.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"a.b.c.till.shop.svc.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"dns.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"ns.dns.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"dns-version.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"x.y.cluster.local", "-", "-", "-", "-", "-", "-", "-", bad},
    {"1.0.244.10.in-addr.arpa", "-", "-", "-", "-", "-", "-", "-", bad},
    {"a\\.b.shop.svc.cluster.local", "svc", "a\\.b", "shop", "", "", "", "", "-"},
  };
  for (auto& row : rows) {
    const net::slot of = asked(row.name);
    const auto see = [&](const char* name) { return label(std::string{"kubernetes/"} + name, of); };
    EXPECT_EQ(see("kind"), row.kind) << row.name;
    EXPECT_EQ(see("service"), row.service) << row.name;
    EXPECT_EQ(see("namespace"), row.namespace_) << row.name;
    EXPECT_EQ(see("endpoint"), row.endpoint) << row.name;
    EXPECT_EQ(see("port-name"), row.port) << row.name;
    EXPECT_EQ(see("protocol"), row.protocol) << row.name;
    EXPECT_EQ(see("zone"), row.zone) << row.name;
    EXPECT_EQ(see("parse-error"), row.error) << row.name;
    EXPECT_EQ(see("cluster"), "-") << row.name;
    EXPECT_EQ(see("client-namespace"), "-") << row.name;
    EXPECT_EQ(see(""), "-") << row.name;
  }
}

TEST_F(MetadataTest, LabelsOfTheClientsPod) {
  read(". {\n kubernetes cluster.local {\n endpoint http://127.0.0.1:1\n pods verified\n }\n metadata\n}\n");
  const struct {
    const char *client, *label, *want;
  } rows[] = {
    {"10.244.0.1", "client-namespace", "shop"},
    {"10.244.0.1", "client-pod-name", "till"},
    {"10.244.0.1", "client-label/app", "till"},
    {"10.244.0.1", "client-label/example.org/tier", "front"},
    {"10.244.0.1", "client-label/other", "-"},
    {"10.244.0.1", "client-label/", "-"},
    {"10.244.0.1", "client-", "-"},
    {"10.244.0.1", "zone", "-"},
    {"fd00::1", "client-pod-name", "till"},
    {"::ffff:10.244.0.1", "client-pod-name", "till"},
    {"10.244.0.2", "client-namespace", "-"},
  };
  for (auto& row : rows)
    for (const char* name : {"till.shop.svc.cluster.local", "example.org"})
      EXPECT_EQ(label(std::string{"kubernetes/"} + row.label, asked(name, row.client)), row.want)
        << row.label << " of " << row.client;
  EXPECT_EQ(label("kubernetes/kind", asked("example.org")), "-") << "no name of a cluster";
}

/// Secondaries and metrics hear of what changes answers.
TEST_F(MetadataTest, LabelsOfPodsAlterNoAnswer) {
  zone::pod_keeper pods;
  kube::pod one;
  one.namespace_ = "a";
  one.name = "b";
  const auto alters = [&] {
    pods.apply({kube::change::what::upsert, one});
    return pods.alters_dns();
  };
  EXPECT_FALSE(alters()) << "without an address";
  one.addresses = {*kube::address::from_text("10.244.0.7")};
  EXPECT_TRUE(alters());
  one.labels = {{"app", "x"}};
  EXPECT_FALSE(alters());
  const auto table = pods.build();
  const auto* row = table->find(zone::address_key(one.addresses.front()));
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->pod->labels, one.labels);
  EXPECT_EQ(pods.build(), nullptr);
  one.addresses.push_back(*kube::address::from_text("10.244.0.8"));
  EXPECT_TRUE(alters());
  one.terminating = true;
  one.labels.clear();
  EXPECT_FALSE(alters()) << "it stays as it was";
}

TEST_F(MetadataTest, BelongsToItsBlockAndZones) {
  read("example.org {\n metadata a.example.org\n view one {\n expr false\n }\n}\nexample.org {\n log\n}\n");
  const auto in_block = [&](uint16_t block, const char* name) {
    net::slot of = asked(name);
    of.block = of.zone = block;
    return label("view/name", of);
  };
  EXPECT_EQ(in_block(0, "x.a.example.org"), "one");
  EXPECT_EQ(in_block(0, "b.example.org"), "-");
  EXPECT_EQ(in_block(1, "x.a.example.org"), "one") << "the view that did not fit";
  read("example.org {\n log\n}\n");
  EXPECT_EQ(labels, nullptr) << "nobody pays for what is not there";
}

/// What who answered has noted is the slot's, and goes with it into a batch of its own.
TEST_F(MetadataTest, NotesBelongToSlots) {
  read(". {\n metadata\n}\n");
  net::subquery_endpoint endpoint{home};
  net::batch all{endpoint, 8};
  net::slot &first = all.add(), &second = all.add();
  first.block = second.block = first.zone = second.zone = 0;
  first.entry_stage = second.entry_stage = 0;
  first.query = second.query = asked("example.org").query;
  const auto upstream = [&](net::slot& of) {
    return question_labels{labels.get(), all, of}.find("forward/upstream").value_or("-");
  };
  EXPECT_EQ(upstream(first), "-");
  all.note_answer(first, std::make_shared<const net::answer_notes>(net::answer_notes{"10.0.0.1:53", ""}));
  EXPECT_EQ(upstream(first), "10.0.0.1:53");
  EXPECT_EQ(upstream(second), "-");
  all.note_answer(first, nullptr);
  all.note_answer(first, std::make_shared<const net::answer_notes>(net::answer_notes{"10.0.0.2:53", "*.org."}));
  EXPECT_EQ(upstream(first), "10.0.0.2:53") << "the last";
  const question_labels none{nullptr, all, first};
  EXPECT_EQ(none.find("forward/upstream"), std::nullopt);
  EXPECT_FALSE(none.any());
}

} // namespace
} // namespace troupe
