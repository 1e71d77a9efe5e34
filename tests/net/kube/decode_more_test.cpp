// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"
#include "tests/net/kube/typed.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;

namespace {

/// What one object of a list becomes; the reports are put into `notes`.
std::vector<change> decode(resource which, const std::string& object, std::string* notes = nullptr) {
  decode_context context(which, 1u << 20, [&](const std::string& line) {
    if (notes)
      *notes += line;
  });
  auto decoder = make_json_list_decoder(context);
  decoded got;
  EXPECT_TRUE(decoder->feed(
    troupe::test::typed_list(R"({"metadata":{"resourceVersion":"5"},"items":[)" + object + "]}", which), got))
    << object;
  EXPECT_TRUE(decoder->finish()) << object;
  return std::move(got.changes);
}

std::vector<change> decode_event(resource which, const std::string& object) {
  decode_context context(which, 1u << 20, {});
  auto decoder = make_json_watch_decoder(context);
  decoded got;
  EXPECT_TRUE(decoder->feed(troupe::test::typed_events(R"({"type":"MODIFIED","object":)" + object + "}\n", which), got))
    << object;
  return std::move(got.changes);
}

std::string joined(const std::vector<address>& addresses) {
  std::string out;
  for (auto& a : addresses)
    out += (out.empty() ? "" : " ") + a.to_text();
  return out;
}

std::string named(const std::string& rest, const std::string& more_meta = "") {
  return R"({"metadata":{"name":"x","namespace":"default","uid":"u1")" + more_meta + "}," + rest + "}";
}

} // namespace

TEST(decode_more, external_addresses_of_services) {
  const struct {
    const char *spec, *status, *addresses, *names, *note;
  } cases[] = {
    {"", "", "", "", ""},
    {R"("externalIPs":["192.0.2.1","2001:db8::1"])", "", "192.0.2.1 2001:db8::1", "", ""},
    {R"("externalIPs":["192.0.2.1"])", R"({"ip":"198.51.100.1"},{"hostname":"lb.example"})", "192.0.2.1 198.51.100.1",
     "lb.example", ""},
    {"", R"({"ip":"198.51.100.1","hostname":"lb.example"},{})", "198.51.100.1", "", ""},
    {R"("externalIPs":["300.1.1.1","192.0.2.1"])", "", "192.0.2.1", "", "external IP '300.1.1.1' is not an address"},
    {"", R"({"hostname":"a..b"})", "", "", "load balancer 'a..b' is not a name"},
    {R"("externalIPs":"192.0.2.1")", R"(7)", "", "", ""},
  };
  for (auto& c : cases) {
    std::string notes;
    const std::string spec = std::string{R"("clusterIP":"10.0.0.1")"} + (*c.spec ? "," : "") + c.spec;
    auto got =
      decode(resource::service,
             named(R"("spec":{)" + spec + R"(},"status":{"loadBalancer":{"ingress":[)" + c.status + "]}}"), &notes);
    ASSERT_EQ(got.size(), 1u) << c.spec;
    auto& service = std::get<troupe::kube::service>(got[0].object);
    EXPECT_EQ(joined(service.external_ips), c.addresses) << c.spec;
    ASSERT_EQ(service.ingress_hostnames.size(), *c.names ? 1u : 0u);
    EXPECT_EQ(*c.names ? service.ingress_hostnames[0] : "", c.names);
    EXPECT_NE(notes.find(c.note), notes.npos) << notes;
    EXPECT_EQ(notes.empty(), *c.note == 0) << notes;
  }
}

TEST(decode_more, zones_of_endpoints) {
  const struct {
    std::string zone, want;
  } cases[] = {{R"("Zone-A")", "zone-a"},
               {R"("eu-west-1.a_b")", "eu-west-1.a_b"},
               {R"("")", ""},
               {"null", ""},
               {R"("a b")", ""},
               {R"("a\u0000")", ""},
               {'"' + std::string(63, 'z') + '"', std::string(63, 'z')},
               {'"' + std::string(64, 'z') + '"', ""}};
  for (auto& c : cases) {
    auto got = decode(resource::endpoint_slice,
                      named(R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"zone":)" + c.zone + "}]",
                            R"(,"labels":{"kubernetes.io/service-name":"x"})"));
    ASSERT_EQ(got.size(), 1u) << c.zone;
    EXPECT_EQ(std::get<endpoint_slice>(got[0].object).endpoints.at(0).zone, c.want) << c.zone;
  }
}

TEST(decode_more, slices_of_other_clusters) {
  const struct {
    const char *labels, *want; // service|imported|cluster; empty: none of ours
    bool well;
  } cases[] = {
    {R"("kubernetes.io/service-name":"x")", "x||", true},
    {R"("multicluster.kubernetes.io/service-name":"x","multicluster.kubernetes.io/source-cluster":"c1")", "|x|c1",
     true},
    {R"("kubernetes.io/service-name":"d","multicluster.kubernetes.io/service-name":"x")", "d|x|", true},
    {R"("multicluster.kubernetes.io/source-cluster":"c1")", "", true},
    {R"("multicluster.kubernetes.io/service-name":"x.y")", "", false},
    {R"("multicluster.kubernetes.io/service-name":"x","multicluster.kubernetes.io/source-cluster":"C1")", "", false},
    {R"("kubernetes.io/service-name":"D","multicluster.kubernetes.io/service-name":"x")", "", false},
  };
  for (auto& c : cases) {
    std::string notes;
    auto got =
      decode(resource::endpoint_slice,
             named(R"("addressType":"IPv4","endpoints":[])", std::string{R"(,"labels":{)"} + c.labels + "}"), &notes);
    EXPECT_EQ(notes.empty(), c.well) << notes;
    ASSERT_EQ(got.size(), *c.want ? 1u : 0u) << c.labels;
    if (got.empty())
      continue;
    auto& slice = std::get<endpoint_slice>(got[0].object);
    EXPECT_EQ(slice.service + "|" + slice.imported + "|" + slice.source_cluster, c.want);
  }
}

TEST(decode_more, pods) {
  const struct {
    const char *status, *meta, *want; // addresses, then * if terminating; null: none there
    const char* note;
  } cases[] = {
    {R"({"podIP":"10.1.0.1"})", "", "10.1.0.1", ""},
    {R"({"podIP":"10.1.0.1","podIPs":[{"ip":"10.1.0.1"},{"ip":"fd00::1"}],"phase":"Running"})", "", "10.1.0.1 fd00::1",
     ""},
    {R"({"phase":"Pending"})", "", "", ""},
    {"null", "", "", ""},
    {R"({"podIP":"10.1.0.1","phase":"Succeeded"})", "", nullptr, ""},
    {R"({"podIP":"10.1.0.1","phase":"Failed"})", "", nullptr, ""},
    {R"({"podIP":"10.1.0.1","phase":"Unknown"})", "", nullptr, ""},
    {R"({"podIP":"10.1.0.1"})", R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")", "10.1.0.1*", ""},
    {R"({"podIP":"10.1.0.1"})", R"(,"deletionTimestamp":null)", "10.1.0.1", ""},
    {R"({"podIP":"10.1.0.999"})", "", "", "podIP '10.1.0.999' is not an address"},
  };
  for (auto& c : cases) {
    std::string notes;
    const std::string object = named(std::string{R"("status":)"} + c.status, c.meta);
    auto got = decode(resource::pod, object, &notes);
    EXPECT_NE(notes.find(c.note), notes.npos) << notes;
    ASSERT_EQ(got.size(), c.want ? 1u : 0u) << c.status;
    // In a watch a pod that has come to its end is as if it were gone.
    auto event = decode_event(resource::pod, object);
    ASSERT_EQ(event.size(), 1u) << c.status;
    EXPECT_EQ(event[0].kind, c.want ? change::what::upsert : change::what::remove) << c.status;
    EXPECT_EQ(std::get<pod>(event[0].object).name, "x");
    EXPECT_EQ(std::get<pod>(event[0].object).namespace_, "default");
    if (!c.want)
      continue;
    auto& pod = std::get<troupe::kube::pod>(got[0].object);
    EXPECT_EQ(joined(pod.addresses) + (pod.terminating ? "*" : ""), c.want);
    EXPECT_EQ(pod.uid, "u1");
  }
}

TEST(decode_more, service_imports) {
  const struct {
    const char *spec, *want, *note; // addresses, ports; null: skipped
  } cases[] = {
    {R"({"type":"ClusterSetIP","ips":["10.0.0.1","fd00::1"],"ports":[{"name":"http","protocol":"TCP","port":80}]})",
     "10.0.0.1 fd00::1 http:tcp:80", ""},
    {R"({"type":"ClusterSetIP"})", "", ""},
    {R"({"type":"Headless","ips":["10.0.0.1"],"ports":[{"port":53,"protocol":"UDP"}]})", "headless  :udp:53", ""},
    {R"({"type":"Other"})", nullptr, "type 'Other' is not ClusterSetIP or Headless"},
    {R"({"type":"ClusterSetIP","ips":["x"]})", nullptr, "ip 'x' is not an address"},
    {R"({"type":"ClusterSetIP","ports":[{"name":"a"}]})", nullptr, "not in 1 to 65535"},
    {"null", nullptr, "type ''"},
  };
  for (auto& c : cases) {
    std::string notes;
    auto got = decode(resource::service_import, named(std::string{R"("spec":)"} + c.spec), &notes);
    EXPECT_NE(notes.find(c.note), notes.npos) << notes;
    ASSERT_EQ(got.size(), c.want ? 1u : 0u) << c.spec;
    if (!c.want)
      continue;
    auto& import = std::get<service_import>(got[0].object);
    std::string text = (import.headless ? "headless " : "") + joined(import.ips);
    for (auto& p : import.ports)
      text += " " + p.name + ":" + p.protocol + ":" + std::to_string(p.number);
    EXPECT_EQ(text, c.want) << c.spec;
  }
}

/// For `metadata`; nobody else wants them.
TEST(decode_more, labels_of_pods) {
  const struct {
    const char *labels, *want, *note;
  } cases[] = {
    {"{}", "", ""},
    {R"({"b":"2","a":"1","x/y":""})", "b=2 a=1 x/y= ", ""},
    {R"({"a":"1","a":"2"})", "a=2 ", ""},
    {R"({"a":5})", "a= ", ""},
    {"null", "", ""},
  };
  for (auto& c : cases) {
    std::string notes, text;
    const auto got =
      decode(resource::pod, named(R"("status":{"podIP":"10.1.0.1"})", std::string{R"(,"labels":)"} + c.labels), &notes);
    ASSERT_EQ(got.size(), 1u) << c.labels;
    for (auto& each : std::get<pod>(got[0].object).labels)
      text += each.key + "=" + each.value + " ";
    EXPECT_EQ(text, c.want) << c.labels;
    EXPECT_EQ(notes, c.note);
  }
}

TEST(kept, covers_what_it_was_given) {
  kept one{.endpoints = true}, other{.pods = true, .imports = true, .labels = true};
  EXPECT_FALSE((kept{.pods = true, .imports = true}.covers(other)));
  EXPECT_FALSE(one.covers(other));
  EXPECT_TRUE(one.covers(kept{}));
  one.add(other);
  EXPECT_TRUE(one.covers(other));
  EXPECT_TRUE(kept::all().covers(one));
  EXPECT_FALSE(one.covers(kept::all()));
  EXPECT_TRUE(other.wants(resource::endpoint_slice)); // those of other clusters
  EXPECT_FALSE(kept{}.wants(resource::endpoint_slice));
  EXPECT_FALSE(kept{}.wants(resource::pod));
  EXPECT_FALSE(kept{}.wants(resource::service_import));
  for (auto always : {resource::service, resource::namespace_object})
    EXPECT_TRUE(kept{}.wants(always));
}
