// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/pod_search.hpp"

#include "actors/http/meters.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>

namespace troupe {
namespace {

/// Pods `a/one` and `b/two` on a host's network, `a/own` with addresses of its own.
class PodSearchTest : public ::testing::Test {
public:
  PodSearchTest() {
    zone::pod_keeper pods;
    for (auto& [ns, name, addresses] : std::vector<std::tuple<const char*, const char*, std::vector<const char*>>>{
           {"a", "one", {"192.0.2.1"}}, {"b", "two", {"192.0.2.1"}}, {"a", "own", {"10.244.0.1", "fd00::1"}}}) {
      kube::pod pod;
      pod.namespace_ = ns;
      pod.name = name;
      for (const char* text : addresses)
        pod.addresses.push_back(*kube::address::from_text(text));
      pods.apply({kube::change::what::upsert, pod});
    }
    tables.pods.publish(pods.build());
    config::kubernetes_options options;
    options.zones = {*dns::name::from_text("cluster.local"), *dns::name::from_text("in-addr.arpa")};
    options.zone_of = config::zone_index{options.zones};
    lists =
      search_lists_of_pods(options, std::make_shared<cluster_on_loop>(tables), {*dns::name::from_text("node.test")});
  }

  static net::slot asked(const std::string& name, const std::string& client) {
    net::slot out;
    dns::set_name(out.query, dns::name::from_text(name)->wire());
    if (inet_pton(AF_INET, client.c_str(), &out.from.remote.v4.sin_addr) == 1) {
      out.from.remote.v4.sin_family = AF_INET;
    } else {
      out.from.remote.v6.sin6_family = AF_INET6;
      inet_pton(AF_INET6, client.c_str(), &out.from.remote.v6.sin6_addr);
    }
    return out;
  }

  meters metered{1};
  cluster_tables tables{metered.server};
  std::unique_ptr<search_lists> lists;
};

TEST_F(PodSearchTest, ActsForNamesOfANamespaceThatLivesAtTheClient) {
  const struct {
    const char* name;
    const char* client;
    bool begins;
  } rows[] = {
    {"www.example.org.a.svc.cluster.local", "10.244.0.1", true},
    {"db.a.svc.cluster.local", "10.244.0.1", true},
    {"db.A.SVC.Cluster.Local", "10.244.0.1", true},
    {"db.a.svc.cluster.local", "fd00::1", true},
    {"db.a.svc.cluster.local", "::ffff:10.244.0.1", true},
    {"db.b.svc.cluster.local", "10.244.0.1", false},
    {"a.svc.cluster.local", "10.244.0.1", false},
    {"svc.cluster.local", "10.244.0.1", false},
    {"db.a.pod.cluster.local", "10.244.0.1", false},
    {"db.a.svc.example.org", "10.244.0.1", false},
    {"db.a.svc.cluster.local", "10.244.0.9", false},
    // Both namespaces of the host's network, and no other.
    {"db.a.svc.cluster.local", "192.0.2.1", true},
    {"db.b.svc.cluster.local", "192.0.2.1", true},
    {"db.c.svc.cluster.local", "192.0.2.1", false},
  };
  for (auto& row : rows)
    EXPECT_EQ(lists->begins(asked(row.name, row.client)), row.begins) << row.name << " from " << row.client;
}

TEST_F(PodSearchTest, TheListIsThatOfThePod) {
  std::string text;
  for (auto& name : lists->list_of(asked("db.b.svc.cluster.local", "192.0.2.1")))
    text += name.to_text() + " ";
  EXPECT_EQ(text, "b.svc.cluster.local. svc.cluster.local. cluster.local. node.test. . ");
}

} // namespace
} // namespace troupe
