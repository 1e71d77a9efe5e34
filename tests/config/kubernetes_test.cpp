// SPDX-License-Identifier: Apache-2.0
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using namespace std::chrono_literals;
using test::machine;

namespace {

kubernetes_options parsed(const std::string& line, const std::string& key = ".:53", const machine& m = {}) {
  auto result = test::planned(key + " {\n" + line + "\n}\n", m);
  EXPECT_TRUE(result.plan) << line << ": " << (result.error ? result.error->text() : "");
  return result.plan ? *result.plan->blocks.at(0).kubernetes : kubernetes_options{};
}

std::string zones_text(const kubernetes_options& k) {
  std::string text;
  for (const auto& zone : k.zones)
    text += zone.to_text() + " ";
  return text + std::to_string(k.primary);
}

} // namespace

TEST(kubernetes, has_the_defaults_of_coredns) {
  const auto k = parsed("kubernetes cluster.local");
  EXPECT_EQ(k.at.line, 2);
  EXPECT_EQ(k.ttl, 5u);
  EXPECT_EQ(k.pods, pod_mode::disabled);
  EXPECT_TRUE(k.endpoints);
  EXPECT_FALSE(k.endpoint_pod_names);
  EXPECT_FALSE(k.fall_through);
  EXPECT_TRUE(k.namespaces.empty());
  EXPECT_EQ(k.startup_timeout, 5s);
  EXPECT_EQ(k.identity(), "in-cluster");
}

TEST(kubernetes, takes_zones_from_itself_or_from_the_block) {
  struct {
    const char* key;
    const char* line;
    const char* expected; // zones and the index of the primary one
  } cases[] = {
    {".:53", "kubernetes cluster.local in-addr.arpa ip6.arpa", "cluster.local. in-addr.arpa. ip6.arpa. 0"},
    {".:53", "kubernetes Cluster.Local.", "cluster.local. 0"},
    {"mycorp.local other:53", "kubernetes", "mycorp.local. other. 0"},
    {".:53", "kubernetes 10.in-addr.arpa cluster.local", "10.in-addr.arpa. cluster.local. 1"},
    {".:53", "kubernetes in-addr.arpa cluster.local", "in-addr.arpa. cluster.local. 0"},
    {".:53", "kubernetes cluster.local 10.0.0.0/15", "cluster.local. 0.10.in-addr.arpa. 1.10.in-addr.arpa. 0"},
    {".:53", "kubernetes cluster.local a..b", "cluster.local. 0"},
    {"10.0.0.0/15 a:53", "kubernetes", "0.10.in-addr.arpa. 1.10.in-addr.arpa. a. 2"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(zones_text(parsed(c.line, c.key)), c.expected) << c.line;
  const auto k = parsed("kubernetes a b");
  EXPECT_EQ(k.zone_of.longest(test::name("x.B").wire()), 1u);
}

TEST(kubernetes, reads_all_that_is_built) {
  const auto k =
    parsed("kubernetes cluster.local {\n endpoint http://x http://y\n tls a b c\n kubeconfig f ctx\n"
           " apiserver_qps 1.5\n apiserver_burst 2\n apiserver_max_inflight 3\n namespaces b a\n namespaces a c\n"
           " pods insecure\n endpoint_pod_names\n ttl 30 ignored\n noendpoints\n"
           " fallthrough in-addr.arpa ip6.arpa\n startup_timeout 1m\n ignore\n}");
  EXPECT_EQ(k.endpoint, "http://x");
  EXPECT_EQ(k.tls_cert + k.tls_key + k.tls_ca, "abc");
  EXPECT_EQ(k.kubeconfig + " " + k.kubeconfig_context, "f ctx");
  EXPECT_EQ(k.apiserver_qps, 1.5);
  EXPECT_EQ(k.apiserver_burst, 2);
  EXPECT_EQ(k.apiserver_max_inflight, 3);
  EXPECT_EQ(k.namespaces, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(k.pods, pod_mode::insecure);
  EXPECT_TRUE(k.endpoint_pod_names);
  EXPECT_EQ(k.ttl, 30u);
  EXPECT_FALSE(k.endpoints);
  EXPECT_TRUE(k.falls_through(test::name("1.0.0.10.in-addr.arpa").wire()));
  EXPECT_FALSE(k.falls_through(test::name("x.cluster.local").wire()));
  EXPECT_EQ(k.startup_timeout, 1min);
}

TEST(kubernetes, takes_rates_as_go_reads_numbers) {
  const std::pair<const char*, double> cases[] = {{"0", 0},      {".5", .5}, {"+1", 1}, {"0x1p-2", .25},
                                                  {"1e3", 1000}, {"inf", 0}, {"NaN", 0}};
  for (auto& [text, value] : cases)
    EXPECT_EQ(parsed(std::string{"kubernetes a {\napiserver_qps "} + text + "\n}").apiserver_qps, value) << text;
}

TEST(kubernetes, falls_through_for_all_names_without_zones) {
  EXPECT_TRUE(parsed("kubernetes a {\nfallthrough\n}").falls_through(test::name("x.y").wire()));
  EXPECT_FALSE(parsed("kubernetes a").falls_through(test::name("x.y").wire()));
}

TEST(kubernetes, refuses_in_the_words_of_coredns) {
  const std::string wrong_count = "Wrong argument count or unexpected line ending after ";
  struct {
    const char* line;
    std::string expected;
  } cases[] = {
    {"ttl x", "strconv.Atoi: parsing \"x\": invalid syntax"},
    {"ttl -1", "ttl must be in range [0, 3600]: -1"},
    {"ttl 3601", "ttl must be in range [0, 3600]: 3601"},
    {"ttl 99999999999999999999", "strconv.Atoi: parsing \"99999999999999999999\": value out of range"},
    {"ttl", wrong_count + "'ttl'"},
    {"pods", wrong_count + "'pods'"},
    {"pods a b", wrong_count + "'b'"},
    {"pods secure", "wrong value for pods: secure,  must be one of: disabled, verified, insecure"},
    {"endpoint", wrong_count + "'endpoint'"},
    {"tls a b", wrong_count + "'b'"},
    {"kubeconfig a b c", wrong_count + "'c'"},
    {"namespaces", wrong_count + "'namespaces'"},
    {"manifests", wrong_count + "'manifests'"},
    {"noendpoints x", wrong_count + "'x'"},
    {"endpoint_pod_names x", wrong_count + "'x'"},
    {"startup_timeout 5", "failed to parse startup_timeout: 5, time: missing unit in duration \"5\""},
    {"apiserver_qps -1", "apiserver_qps must be >= 0"},
    {"apiserver_qps x", "invalid apiserver_qps \"x\": strconv.ParseFloat: parsing \"x\": invalid syntax"},
    {"apiserver_qps 1e39", "invalid apiserver_qps \"1e39\": strconv.ParseFloat: parsing \"1e39\": value out of range"},
    {"apiserver_qps 1e400",
     "invalid apiserver_qps \"1e400\": strconv.ParseFloat: parsing \"1e400\": value out of range"},
    {"apiserver_burst -1", "apiserver_burst must be >= 0"},
    {"apiserver_burst x", "invalid apiserver_burst \"x\": strconv.Atoi: parsing \"x\": invalid syntax"},
    {"apiserver_max_inflight -1", "apiserver_max_inflight must be >= 0"},
    {"ignore x", "unable to parse ignore value: 'x'"},
    {"labels", wrong_count + "'labels'"},
    {"labels a!=b", "unable to parse label selector value: 'a!=b': \"!=\" is not a valid label selector operator"},
    {"labels a b", "unable to parse label selector value: 'a b': couldn't parse the selector string \"a b\": unable to "
                   "parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
    {"namespace_labels", wrong_count + "'namespace_labels'"},
    {"namespace_labels a>1", "unable to parse namespace_label selector value: 'a>1': \"gt\" isn't supported in label "
                             "selectors"},
    {"zonal x", wrong_count + "'x'"},
    {"cidrs 10.0.0.0/8", "unknown property 'cidrs'"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(".:53 {\nkubernetes a {\n" + std::string{c.line} + "\n}\n}"),
              "plugin/kubernetes: Corefile:3 - Error during parsing: " + c.expected)
      << c.line;
  EXPECT_EQ(test::error_of(".:53 {\nkubernetes 10.in-addr.arpa\n}"),
            "plugin/kubernetes: Corefile:2 - Error during parsing: non-reverse zone name must be used");
  EXPECT_EQ(test::error_of(".:53 {\nkubernetes a\nkubernetes b\n}"),
            "plugin/kubernetes: Corefile:3 - Error during parsing: this plugin can only be used once per Server Block");
}

TEST(kubernetes, refuses_what_contradicts_itself) {
  struct {
    const char *lines, *expected;
  } cases[] = {
    {"namespaces x\nnamespace_labels a=b", "namespaces and namespace_labels cannot both be set"},
    {"namespace_labels a=b\nnamespaces x", "namespaces and namespace_labels cannot both be set"},
    {"namespaces x\nnamespace_labels \"\"", "namespaces and namespace_labels cannot both be set"},
    {"multicluster x.y\n",
     "is not authoritative for the multicluster zone x.y. (authoritative zones: [a. in-addr.arpa.])"},
    {"multicluster A 10.0.0.0/16\n",
     "is not authoritative for the multicluster zone 0.10.in-addr.arpa. (authoritative zones: [a. in-addr.arpa.])"},
    {"zonal\nnoendpoints", "zonal requires the endpoint cache; remove noendpoints"},
    {"noendpoints\nzonal", "zonal requires the endpoint cache; remove noendpoints"},
  };
  for (const auto& c : cases) // told at the closing brace
    EXPECT_EQ(test::error_of(".:53 {\nkubernetes a in-addr.arpa {\n" + std::string{c.lines} + "\n}\n}"),
              "plugin/kubernetes: Corefile:5 - Error during parsing: " + std::string{c.expected})
      << c.lines;
}

TEST(kubernetes, reads_what_chooses_objects) {
  const auto k = parsed("kubernetes a b.a {\nlabels app in (x, y)\nlabels z=1\npods verified\nzonal\n"
                        "ignore empty_service more\nmulticluster B.A\n}");
  EXPECT_EQ(k.labels.text(), "z=1"); // the last line counts
  EXPECT_TRUE(k.namespace_labels.empty());
  EXPECT_EQ(k.pods, pod_mode::verified);
  EXPECT_TRUE(k.zonal);
  EXPECT_TRUE(k.ignore_empty_service);
  EXPECT_EQ(k.multicluster, std::vector<dns::name>{test::name("b.a")});
  EXPECT_TRUE(parsed("kubernetes a {\nmulticluster\n}").multicluster.empty());
  EXPECT_EQ(parsed("kubernetes a {\nnamespace_labels \"app in (x,y)\"\n}").namespace_labels.text(), "app in (x,y)");
}

TEST(kubernetes, finds_manifests_beside_the_file_that_names_them) {
  machine m;
  m.files = {{"/etc/coredns/custom/k", "kubernetes a {\nmanifests x\n}\n"}};
  EXPECT_EQ(parsed("kubernetes a {\nmanifests a.yaml ../b/ /c\nmanifests d\n}").manifests,
            (std::vector<std::string>{"/etc/coredns/a.yaml", "/etc/b", "/c", "/etc/coredns/d"}));
  EXPECT_EQ(parsed("import custom/k", ".:53", m).manifests, (std::vector<std::string>{"/etc/coredns/custom/x"}));
}

TEST(kubernetes, knows_which_blocks_share_a_source) {
  struct {
    const char* a;
    const char* b;
    bool equal;
  } cases[] = {
    {"", "ttl 30", true},
    {"manifests x y", "manifests ./y ../coredns/x x", true},
    {"manifests x", "manifests y", false},
    {"manifests x", "", false},
    {"manifests x\nendpoint http://a", "manifests x", true},
    {"kubeconfig f", "kubeconfig f\nendpoint http://a", true},
    {"kubeconfig f", "kubeconfig f other", false},
    {"endpoint http://a", "endpoint http://a http://b", true},
    {"endpoint http://a", "endpoint http://a\ntls a b c", false},
    {"endpoint http://a\ntls a b c", "endpoint http://a\ntls a bc d", false},
    {"labels a=b,c", "labels c, a in (b)", true},
    {"labels a=b", "", false},
    {"labels a=b", "namespace_labels a=b", false},
    {"manifests x\nlabels a=b", "manifests x", false},
  };
  for (const auto& c : cases) {
    const auto key = [](const char* lines) {
      return parsed("kubernetes z {\n" + std::string{lines} + "\n}").identity();
    };
    EXPECT_EQ(key(c.a) == key(c.b), c.equal) << c.a << " / " << c.b;
  }
}
