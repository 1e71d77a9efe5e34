// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace troupe::kube;

namespace {

manifest_result read(const std::string& text) {
  const manifest_text file{"f.yaml", text};
  return read_manifest_texts({&file, 1});
}

/// `HOSTNAME|POD`, sorted, of the endpoints of each service, by namespace/service.
std::map<std::string, std::string> endpoints_of(const std::string& text) {
  const auto result = read(text);
  for (auto& error : result.errors)
    ADD_FAILURE() << error.to_text();
  std::map<std::string, std::vector<std::string>> found;
  for (auto& chunk : result.chunks)
    for (auto& change : chunk.changes)
      if (auto* slice = std::get_if<endpoint_slice>(&change.object))
        for (auto& e : slice->endpoints)
          found[slice->namespace_ + "/" + slice->service].push_back(e.hostname + "|" + e.pod);
  std::map<std::string, std::string> out;
  for (auto& [key, all] : found) {
    std::sort(all.begin(), all.end());
    for (auto& one : all)
      out[key] += (out[key].empty() ? "" : " ") + one;
  }
  return out;
}

std::string workload(const std::string& kind, const std::string& spec, const std::string& name = "web") {
  return "apiVersion: apps/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: {selector: {matchLabels: " +
         "{app: a}}, template: {metadata: {labels: {app: a, tier: x}}, spec: {containers: [{ports: [{name: http, " +
         "containerPort: 8080}]}]}}" + spec + "}\n---\n";
}

const std::string headless = "apiVersion: v1\nkind: Service\nmetadata: {name: peers}\nspec: {clusterIP: None, "
                             "selector: {app: a}, ports: [{name: h, port: 80, targetPort: http}]}\n---\n";

} // namespace

TEST(manifest_workloads, stateful_sets_make_pods_with_host_names) {
  struct {
    const char* name;
    std::string text, expected;
  } cases[] = {
    {"one by default", workload("StatefulSet", ", serviceName: peers"), "web-0|web-0"},
    {"replicas", workload("StatefulSet", ", serviceName: peers, replicas: 3"), "web-0|web-0 web-1|web-1 web-2|web-2"},
    {"none", workload("StatefulSet", ", serviceName: peers, replicas: 0"), ""},
    {"ordinals", workload("StatefulSet", ", serviceName: peers, replicas: 2, ordinals: {start: 5}"),
     "web-5|web-5 web-6|web-6"},
    {"another service", workload("StatefulSet", ", serviceName: others"), "|web-0"},
    {"there already",
     workload("StatefulSet", ", serviceName: peers, replicas: 2") +
       "apiVersion: v1\nkind: Pod\nmetadata: {name: web-1, labels: {app: a}}\n---\n",
     "web-0|web-0 |web-1"},
  };
  for (auto& c : cases) {
    auto found = endpoints_of(headless + c.text);
    auto words = [](const std::string& text) {
      std::multiset<std::string> out;
      for (size_t at = 0; at < text.size(); at = text.find(' ', at) == text.npos ? text.size() : text.find(' ', at) + 1)
        out.insert(text.substr(at, text.find(' ', at) - at));
      return out;
    };
    EXPECT_EQ(words(found["default/peers"]), words(c.expected)) << c.name;
  }
}

TEST(manifest_workloads, deployments_make_pods_that_keep_their_names_and_addresses) {
  const auto pods = [](const std::string& text) {
    std::map<std::string, std::string> out; // pod -> address
    for (auto& chunk : read(text).chunks)
      for (auto& change : chunk.changes)
        if (auto* slice = std::get_if<endpoint_slice>(&change.object)) {
          EXPECT_EQ(slice->ports, (std::vector<port>{{"h", "tcp", 8080}}));
          for (auto& e : slice->endpoints)
            out[e.pod] = e.addresses.at(0).to_text();
        }
    return out;
  };
  const auto three = pods(headless + workload("Deployment", ", replicas: 3"));
  EXPECT_EQ(three.size(), 3u);
  for (auto& [name, address] : three) {
    EXPECT_TRUE(name.starts_with("web-")) << name;
    EXPECT_EQ(name.size(), std::string("web-0123456789-01234").size()) << name;
  }
  const auto five = pods(headless + workload("Deployment", ", replicas: 5"));
  EXPECT_EQ(five.size(), 5u);
  for (auto& [name, address] : three)
    EXPECT_TRUE(five.contains(name)) << name;
  // Two with one selector make as many each; pods that are there count for both.
  EXPECT_EQ(
    pods(headless + workload("Deployment", ", replicas: 2") + workload("Deployment", ", replicas: 2", "two")).size(),
    4u);
  EXPECT_EQ(pods(headless + workload("Deployment", ", replicas: 2") +
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: mine, labels: {app: a}}\nspec: {containers: [{ports: "
                 "[{name: http, containerPort: 8080}]}]}\n")
              .size(),
            2u);
}

TEST(manifest_workloads, endpoints_are_mirrored_where_the_controller_would) {
  const std::string plain = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: None}\n---\n";
  const std::string endpoints =
    "apiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\nsubsets: [{addresses: [{ip: 192.0.2.1, hostname: one, "
    "targetRef: {kind: Pod, name: p}}, {ip: 'fd00::1'}], notReadyAddresses: [{ip: 192.0.2.9}], ports: [{name: sql, "
    "port: 5432}]}, {addresses: [{ip: 192.0.2.2}]}]\n---\n";
  const std::string slice = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, labels: "
                            "{kubernetes.io/service-name: db}}\naddressType: IPv4\nendpoints: [{addresses: "
                            "[192.0.2.7], hostname: seven}]\n---\n";
  EXPECT_EQ(endpoints_of(plain + endpoints)["default/db"], "one|p | |");
  EXPECT_EQ(endpoints_of(plain + endpoints + slice)["default/db"], "seven|");
  EXPECT_EQ(endpoints_of(endpoints).size(), 0u);
  EXPECT_EQ(read(endpoints).warnings.size(), 1u);
  EXPECT_EQ(
    endpoints_of("apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: a}}\n---\n" + endpoints)
      .size(),
    0u);
}

TEST(manifest_workloads, items_of_a_list_take_kind_and_version_from_it) {
  const auto result = read("apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: one}\n- {kind: Service, "
                           "apiVersion: v1, metadata: {name: two}}\n");
  EXPECT_TRUE(result.errors.empty());
  size_t services = 0;
  for (auto& chunk : result.chunks)
    services += chunk.resource == resource::service ? chunk.changes.size() : 0;
  EXPECT_EQ(services, 2u);
  EXPECT_FALSE(read("apiVersion: v1\nkind: List\nitems:\n- metadata: {name: one}\n").errors.empty());
}

TEST(manifest_workloads, say_where_the_mistake_is) {
  struct {
    std::string text, expected;
  } cases[] = {
    {workload("Deployment", ", replicas: -1"), "f.yaml:4 - '-1' is no number in 0 to 50000"},
    {workload("Deployment", ", replicas: 1000000000000"), "f.yaml:4 - '1000000000000' is no number"},
    {workload("Deployment", ", replicas: many"), "f.yaml:4 - 'many' is no number"},
    {workload("Deployment", ", replicas: 30000") + workload("Deployment", ", replicas: 30000", "two"),
     "f.yaml:1 - more than 50000 pods are to be made"},
    {workload("StatefulSet", "", std::string(62, 'a')), "f.yaml:1 - '" + std::string(62, 'a') + "-0' is no host name"},
    {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {}}\n",
     "f.yaml:4 - has no selector"},
    {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: "
     "{metadata: {labels: {a: c}}}}\n",
     "f.yaml:4 - the selector does not fit the labels of the template"},
    {"apiVersion: v1\nkind: Service\nmetadata: {name: db}\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: "
     "db}\nsubsets: [{addresses: [{ip: nope}]}]\n",
     "f.yaml:5 - endpoint 'nope' is not an address"},
    {"apiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\nsubsets: 7\n", "f.yaml:4 - a list is expected here"},
  };
  for (auto& c : cases) {
    const auto got = read(c.text);
    ASSERT_FALSE(got.errors.empty()) << c.text;
    EXPECT_TRUE(got.errors[0].to_text().starts_with(c.expected))
      << got.errors[0].to_text() << "\nwanted " << c.expected;
    EXPECT_TRUE(got.chunks.empty());
  }
}
