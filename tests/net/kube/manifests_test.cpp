// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

using namespace troupe::kube;

namespace {

struct contents {
  std::vector<std::string> namespaces;
  std::map<std::string, service> services;
  std::multimap<std::string, endpoint_slice> slices; ///< by namespace/service
  std::map<std::string, pod> pods;
  std::map<std::string, service_import> imports;
};

/// Also holds the order: per resource list_begin, objects of at most 500, list_end.
contents unpack(const manifest_result& result) {
  contents out;
  bool open = false;
  for (auto& c : result.chunks) {
    EXPECT_EQ(open, c.kind != chunk::what::list_begin);
    open = c.kind != chunk::what::list_end;
    EXPECT_LE(c.changes.size(), 500u);
    for (auto& change : c.changes)
      if (auto* s = std::get_if<service>(&change.object))
        out.services[s->namespace_ + "/" + s->name] = *s;
      else if (auto* e = std::get_if<endpoint_slice>(&change.object))
        out.slices.insert({e->namespace_ + "/" + e->service, *e});
      else if (auto* p = std::get_if<pod>(&change.object))
        out.pods[p->namespace_ + "/" + p->name] = *p;
      else if (auto* i = std::get_if<service_import>(&change.object))
        out.imports[i->namespace_ + "/" + i->name] = *i;
      else
        out.namespaces.push_back(std::get<namespace_object>(change.object).name);
  }
  EXPECT_FALSE(open);
  return out;
}

manifest_result read(const std::vector<std::string>& texts) {
  std::vector<manifest_text> files;
  for (size_t i = 0; i < texts.size(); ++i)
    files.push_back({"f" + std::to_string(i) + ".yaml", texts[i]});
  return read_manifest_texts(files);
}

contents good(const std::vector<std::string>& texts) {
  auto result = read(texts);
  for (auto& error : result.errors)
    ADD_FAILURE() << error.to_text();
  return unpack(result);
}

std::string service_yaml(const std::string& name, const std::string& spec) {
  return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: " + spec + "\n";
}

std::string pod_yaml(const std::string& name, const std::string& rest = "", const std::string& labels = "{app: a}") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", labels: " + labels + "}\n" + rest;
}

const std::string sep = "---\n";

std::string endpoints_text(const contents& in, const std::string& key) {
  std::string out;
  for (auto [i, end] = in.slices.equal_range(key); i != end; ++i) {
    for (auto& e : i->second.endpoints) {
      out += out.empty() ? "" : " ";
      for (auto& ip : e.addresses)
        out += ip.to_text();
      out += "|" + e.hostname + "|" + e.pod;
    }
    for (auto& p : i->second.ports)
      out += " " + p.name + ":" + p.protocol + ":" + std::to_string(p.number);
  }
  return out;
}

} // namespace

TEST(manifests, read_the_example) {
  const std::string folder = TROUPE_SOURCE_DIR "/deploy/example";
  auto result = read_manifests(std::vector<std::string>{folder});
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.warnings.empty());
  auto got = unpack(result);
  EXPECT_EQ(got.namespaces, std::vector<std::string>{"default"});
  ASSERT_EQ(got.services.size(), 3u);
  auto& backend = got.services["default/backend"];
  ASSERT_EQ(backend.cluster_ips.size(), 1u);
  EXPECT_TRUE(backend.cluster_ips[0].to_text().starts_with("10.96."));
  EXPECT_EQ(backend.ports, (std::vector<port>{{"http", "tcp", 80}}));
  EXPECT_EQ(got.services["default/backend-headless"].type, service::kind::headless);
  for (auto key : {"default/backend", "default/backend-headless"}) {
    ASSERT_EQ(got.slices.count(key), 1u) << key;
    auto& slice = got.slices.find(key)->second;
    ASSERT_EQ(slice.endpoints.size(), 2u);
    EXPECT_EQ(slice.endpoints[0].pod, "backend-pod-1");
    EXPECT_EQ(slice.endpoints[1].pod, "backend-pod-2");
    EXPECT_TRUE(slice.endpoints[0].addresses[0].to_text().starts_with("10.244."));
    EXPECT_EQ(slice.ports, (std::vector<port>{{"http", "tcp", 8080}}));
  }
}

TEST(manifests, make_endpoints_of_the_pods_that_a_service_selects) {
  const std::string ip1 = "status: {podIP: 10.1.0.1}\n", ip2 = "status: {podIP: 10.1.0.2}\n";
  const std::string named = "spec: {containers: [{ports: [{name: web, containerPort: 8080}, {name: dns, containerPort: "
                            "53, protocol: UDP}]}]}\n";
  struct {
    const char* name;
    std::string spec, pods, want;
  } cases[] = {
    {"all", "{selector: {app: a}, ports: [{port: 80}]}", pod_yaml("p1", ip1) + sep + pod_yaml("p2", ip2),
     "10.1.0.1||p1 10.1.0.2||p2 :tcp:80"},
    {"another label", "{selector: {app: b}}", pod_yaml("p1", ip1), ""},
    {"all labels", "{selector: {app: a, tier: x}}",
     pod_yaml("p1", ip1) + sep + pod_yaml("p2", ip2, "{app: a, tier: x}"), "10.1.0.2||p2"},
    {"no selector", "{ports: [{port: 80}]}", pod_yaml("p1", ip1), ""},
    {"number", "{selector: {app: a}, ports: [{port: 80, targetPort: 8080}]}", pod_yaml("p1", ip1),
     "10.1.0.1||p1 :tcp:8080"},
    {"by name",
     "{selector: {app: a}, ports: [{name: h, port: 80, targetPort: web}, {name: d, port: 53, protocol: UDP, "
     "targetPort: dns}]}",
     pod_yaml("p1", named + ip1), "10.1.0.1||p1 h:tcp:8080 d:udp:53"},
    {"unknown name", "{selector: {app: a}, ports: [{name: h, port: 80, targetPort: nope}]}",
     pod_yaml("p1", named + ip1), "10.1.0.1||p1"},
    {"other protocol", "{selector: {app: a}, ports: [{name: h, port: 80, protocol: UDP, targetPort: web}]}",
     pod_yaml("p1", named + ip1), "10.1.0.1||p1"},
    {"hostname", "{selector: {app: a}}", pod_yaml("p1", "spec: {hostname: h, subdomain: x}\n" + ip1), "10.1.0.1|h|p1"},
    {"other subdomain", "{selector: {app: a}}", pod_yaml("p1", "spec: {hostname: h, subdomain: y}\n" + ip1),
     "10.1.0.1||p1"},
    {"failed", "{selector: {app: a}}", pod_yaml("p1", "status: {phase: Failed, podIP: 10.1.0.1}\n"), ""},
    {"pending", "{selector: {app: a}}", pod_yaml("p1", "status: {phase: Pending, podIP: 10.1.0.1}\n"), ""},
    {"running", "{selector: {app: a}}", pod_yaml("p1", "status: {phase: Running, podIP: 10.1.0.1}\n"), "10.1.0.1||p1"},
    {"not ready", "{selector: {app: a}}",
     pod_yaml("p1", "status: {podIP: 10.1.0.1, conditions: [{type: Ready, status: 'False'}]}\n"), ""},
    {"not ready, published", "{selector: {app: a}, publishNotReadyAddresses: true}",
     pod_yaml("p1", "status: {podIP: 10.1.0.1, conditions: [{type: Ready, status: 'False'}]}\n"), "10.1.0.1||p1"},
    {"two families", "{selector: {app: a}, ipFamilies: [IPv4, IPv6]}",
     pod_yaml("p1", "status: {podIPs: [{ip: 10.1.0.1}, {ip: 'fd00::1'}]}\n"), "10.1.0.1||p1 fd00::1||p1"},
    {"one family", "{selector: {app: a}, clusterIP: 'fd00::9'}",
     pod_yaml("p1", "status: {podIPs: [{ip: 10.1.0.1}, {ip: 'fd00::1'}]}\n"), "fd00::1||p1"},
    {"another namespace", "{selector: {app: a}}",
     "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: other, labels: {app: a}}\n", ""},
  };
  for (auto& c : cases)
    for (std::string headless : {"", "clusterIP: None, "}) {
      if (c.spec.find("clusterIP") != std::string::npos && !headless.empty())
        continue;
      auto got = good({service_yaml("x", "{" + headless + c.spec.substr(1)), c.pods});
      EXPECT_EQ(endpoints_text(got, "default/x"), c.want) << c.name;
    }
}

TEST(manifests, group_endpoints_by_the_ports_that_names_stand_for) {
  const auto pod = [](const char* name, const char* port) {
    return pod_yaml(name, std::string{"spec: {containers: [{ports: [{name: web, containerPort: "} + port +
                            "}]}]}\nstatus: {podIP: 10.1.0.1}\n");
  };
  auto got = good(
    {service_yaml("x", "{selector: {app: a}, ports: [{port: 80, targetPort: web}]}"), pod("p1", "1"), pod("p2", "2")});
  EXPECT_EQ(got.slices.count("default/x"), 2u);
}

TEST(manifests, read_explicit_slices_external_names_and_lists) {
  auto got = good({R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
- apiVersion: v1
  kind: Service
  metadata: {name: ext, namespace: shop}
  spec: {type: ExternalName, externalName: example.com}
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: db-1, namespace: far, labels: {kubernetes.io/service-name: db}}
  addressType: IPv4
  ports: [{name: sql, port: 5432}]
  endpoints:
  - {addresses: [192.0.2.7], hostname: db-0}
  - {addresses: [192.0.2.8], conditions: {ready: false}}
)",
                   R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "json"},
	"spec": {"clusterIP": "10.96.7.7", "clusterIPs": ["10.96.7.7", "fd00::7"]}})"});
  EXPECT_EQ(got.namespaces, (std::vector<std::string>{"default", "far", "shop"}));
  EXPECT_EQ(got.services["shop/ext"].external_name, "example.com");
  EXPECT_EQ(got.services["default/json"].cluster_ips.size(), 2u);
  EXPECT_EQ(endpoints_text(got, "far/db"), "192.0.2.7|db-0| sql:tcp:5432");
}

TEST(manifests, read_what_options_ask_for) {
  auto got = good({R"(
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {clusterIP: 10.96.7.7, externalIPs: [192.0.2.1]}
status: {loadBalancer: {ingress: [{ip: 198.51.100.1}, {hostname: lb.example}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: z, labels: {kubernetes.io/service-name: out}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.7], zone: Zone-A}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: far
  labels: {multicluster.kubernetes.io/service-name: db, multicluster.kubernetes.io/source-cluster: c1}
addressType: IPv4
endpoints: [{addresses: [192.0.2.8]}]
---
apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceImport
metadata: {name: db, namespace: far}
spec: {type: ClusterSetIP, ips: [10.42.0.1], ports: [{name: sql, port: 5432}]}
)",
                   pod_yaml("both", "status: {podIPs: [{ip: 10.1.0.1}, {ip: 'fd00::1'}]}\n"), pod_yaml("made-up"),
                   pod_yaml("over", "status: {podIP: 10.1.0.3, phase: Succeeded}\n")});
  auto& out = got.services["default/out"];
  EXPECT_EQ(out.external_ips.size(), 2u);
  EXPECT_EQ(out.ingress_hostnames, std::vector<std::string>{"lb.example"});
  EXPECT_EQ(got.slices.find("default/out")->second.endpoints[0].zone, "zone-a");
  EXPECT_EQ(got.slices.find("default/")->second.imported, "db");
  EXPECT_EQ(got.slices.find("default/")->second.source_cluster, "c1");
  EXPECT_EQ(got.imports["far/db"].ips.size(), 1u);
  EXPECT_EQ(got.pods.size(), 2u);
  EXPECT_EQ(got.pods["default/both"].addresses.size(), 2u);
  EXPECT_EQ(got.pods["default/made-up"].addresses.size(), 1u);
}

TEST(manifests, leave_out_what_is_not_selected) {
  const std::vector<std::string> texts{
    "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {app: x}}\nspec: {selector: {run: p}, ports: [{port: "
    "80}]}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {selector: {run: p}, ports: [{port: 80}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {run: p}}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: q, labels: {app: x}}\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: far, labels: {tier: t}}\n",
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\nendpoints: []\n"
    "metadata: {name: s, namespace: far, labels: {app: x, kubernetes.io/service-name: c}}\n",
  };
  std::vector<manifest_text> files;
  for (auto& text : texts)
    files.push_back({"f.yaml", text});
  const auto has = [](const char* key, const char* value) {
    return [=](const label_map& labels) {
      const auto found = labels.find(key);
      return found != labels.end() && found->second == value;
    };
  };
  const auto names = [&](const manifest_selection& only) {
    const auto got = unpack(read_manifest_texts(files, only));
    std::string text;
    for (auto& name : got.namespaces)
      text += name + " ";
    for (auto& [key, object] : got.services)
      text += key + " ";
    for (auto& [key, object] : got.slices)
      text += key + "/" + (object.endpoints.empty() ? "none " : "some ");
    for (auto& [key, object] : got.pods)
      text += key + " ";
    return text;
  };
  EXPECT_EQ(names({}), "default far default/a default/b default/a/some default/b/some far/c/none default/p default/q ");
  // Endpoints are those of all pods: who makes slices knows no selector.
  EXPECT_EQ(names({has("app", "x"), {}}), "default far default/a default/a/some far/c/none default/q ");
  EXPECT_EQ(names({{}, has("tier", "t")}),
            "far default/a default/b default/a/some default/b/some far/c/none default/p default/q ");
  EXPECT_EQ(names({{}, has("kubernetes.io/metadata.name", "default")}).substr(0, 8), "default ");
  EXPECT_EQ(names({has("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"), {}}),
            "default far default/a/some default/b/some ");
}

TEST(manifests, make_up_the_same_addresses_in_any_order) {
  std::vector<std::string> texts;
  for (int i = 0; i < 800; ++i) {
    texts.push_back(service_yaml("s" + std::to_string(i), i == 0 ? "{selector: {app: a}}" : "{}"));
    texts.push_back(pod_yaml("p" + std::to_string(i)));
  }
  auto one = good(texts);
  // Somebody names an address that would have been made up: it is theirs.
  texts.push_back(service_yaml("taker", "{clusterIP: " + one.services["default/s5"].cluster_ips[0].to_text() + "}"));
  std::reverse(texts.begin(), texts.end());
  auto two = good(texts);
  std::map<address, int> used;
  size_t moved = 0;
  for (auto& [key, s] : two.services) {
    EXPECT_EQ(++used[s.cluster_ips[0]], 1) << key;
    if (key != "default/taker")
      moved += s.cluster_ips != one.services[key].cluster_ips;
  }
  EXPECT_GE(moved, 1u);
  EXPECT_LE(moved, 3u);
  EXPECT_EQ(one.slices.find("default/s0")->second, two.slices.find("default/s0")->second);
}

TEST(manifests, say_where_the_mistake_is) {
  struct {
    std::string text, want;
  } cases[] = {
    {"a: [", "f0.yaml:"},
    {"a: *nobody", "f0.yaml:1 - is not YAML"},
    {", a: b", "f0.yaml:1 - is not YAML that can be used: text that belongs to no value"},
    {"a: b\n]", "f0.yaml:2 - is not YAML"},
    {"- 1", "f0.yaml:1 - is no Kubernetes object"},
    {"kind: Service", "f0.yaml:1 - has no kind or no apiVersion"},
    {"\n\napiVersion: v1\nkind: Service\nmetadata: {name: Bad_Name}",
     "f0.yaml:5 - namespace 'default' or name 'Bad_Name'"},
    {"apiVersion: v1\nkind: Service\nspec: {}", "f0.yaml:1 - namespace 'default' or name ''"},
    {service_yaml("x", "{clusterIP: 999.1.1.1}"), "f0.yaml:1 - clusterIP '999.1.1.1' is not an address"},
    {service_yaml("x", "{ports: [{port: eighty}]}"), "f0.yaml:4 - port 'eighty' is not a number"},
    {service_yaml("x", "{ports: [{port: 70000}]}"), "f0.yaml:1 - port 70000 is not in 1 to 65535"},
    {service_yaml("x", "{ports: {port: 1}}"), "f0.yaml:4 - a list is expected here"},
    {service_yaml("x", "{type: ExternalName}"), "f0.yaml:1 - externalName '' is not a name"},
    {service_yaml("a.b", "{}"), "f0.yaml:1 - name 'a.b' is not a DNS label"},
    {service_yaml("x", "{}") + sep + service_yaml("x", "{}"),
     "f0.yaml:6 - Service default/x is there already: f0.yaml:1"},
    {service_yaml("x", "{clusterIP: 10.0.0.1}") + sep + service_yaml("y", "{clusterIP: 10.0.0.1}"),
     "f0.yaml:6 - clusterIP 10.0.0.1 is taken by the Service at f0.yaml:1"},
    {pod_yaml("p", "status: {podIP: nope}\n"), "f0.yaml:4 - podIP 'nope' is not an address"},
    {"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a, labels: {kubernetes.io/service-name: "
     "s}}\n"
     "addressType: IPv4\nendpoints: [{addresses: [bad]}]",
     "f0.yaml:1 - endpoint 'bad' is not an address"},
    {"apiVersion: v1\nkind: List\nitems: [5]", "f0.yaml:3 - an item of a List is no object"},
  };
  for (auto& c : cases) {
    auto got = read({c.text});
    ASSERT_FALSE(got.errors.empty()) << c.text;
    EXPECT_TRUE(got.errors[0].to_text().starts_with(c.want)) << got.errors[0].to_text() << "\nwanted " << c.want;
    EXPECT_TRUE(got.chunks.empty());
  }
}

TEST(manifests, warn_of_what_they_leave_out) {
  auto got = read({"\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d}\n---\n" + service_yaml("x", "{}") +
                   "---\n# nothing\n---\n"});
  EXPECT_TRUE(got.errors.empty());
  ASSERT_EQ(got.warnings.size(), 1u);
  EXPECT_TRUE(got.warnings[0].to_text().starts_with("f0.yaml:2 - 'DaemonSet' 'd' of 'apps/v1' is left out"))
    << got.warnings[0].to_text();
  EXPECT_EQ(unpack(got).services.size(), 1u);
}

TEST(manifests, refuse_bombs) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k)
      laughs += "," + before;
    laughs += "]\n";
  }
  std::string blocks;
  for (int i = 0; i < 5000; ++i)
    blocks += "- ";
  for (auto& text : {laughs, std::string(100'000, '['), std::string("x: ") + std::string(5000, '{'), blocks,
                     std::string("&a [*a]")}) {
    auto got = read({text});
    ASSERT_EQ(got.errors.size(), 1u) << text.substr(0, 40);
    EXPECT_NE(got.errors[0].text.find("not YAML"), std::string::npos) << got.errors[0].text;
  }
}

TEST(manifests, name_a_file_that_is_not_there) {
  auto got = read_manifests(std::vector<std::string>{"/nowhere/x.yaml"});
  ASSERT_EQ(got.errors.size(), 1u);
  EXPECT_TRUE(got.errors[0].to_text().starts_with("/nowhere/x.yaml - cannot be opened")) << got.errors[0].to_text();
}
