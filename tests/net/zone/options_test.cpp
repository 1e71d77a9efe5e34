// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/question_rows.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using enum dns::rrtype;

/// What options of `kubernetes` change about answers: `pods verified`, `ignore empty_service`, `zonal`, `multicluster`,
/// `namespace_labels`.
namespace {

const std::string soa_of(const std::string& zone = "cluster.local.") {
  return zone + " 5 SOA ns.dns." + zone + " hostmaster." + zone + " 0 7200 1800 86400 5";
}
const std::string nodata = "NOERROR aa |  | " + soa_of() + " | ";
const std::string denied = "NXDOMAIN aa |  | " + soa_of() + " | ";

kube::pod pod(std::string name, std::vector<std::string> ips, std::string ns = "n") {
  kube::pod p;
  p.namespace_ = std::move(ns);
  p.name = std::move(name);
  for (auto& text : ips)
    p.addresses.push_back(ip(text));
  return p;
}

small_world with_pods() {
  small_world w;
  w.how.pods = options::pods_mode::verified;
  w.add_namespace("n");
  w.add_namespace("m");
  w.apply(upsert(pod("both", {"10.1.0.1", "fd00::1"})));
  w.apply(upsert(pod("host-1", {"192.0.2.1"})));
  w.apply(upsert(pod("host-2", {"192.0.2.1"})));
  w.apply(upsert(pod("host-3", {"192.0.2.1"}, "m")));
  w.apply(upsert(pod("hidden", {"10.1.0.9"}, "dark")));
  w.synced();
  w.build();
  return w;
}

kube::endpoint in_zone(std::string address, std::string zone, std::string hostname = "") {
  auto e = endpoint({std::move(address)}, std::move(hostname));
  e.zone = std::move(zone);
  return e;
}

small_world with_zones() {
  small_world w;
  w.how.zonal = true;
  w.add_namespace("n");
  const kube::port web{"web", "tcp", 8080};
  w.apply(upsert(headless("n", "peers", {web})));
  w.apply(upsert(headless("n", "idle", {web})));
  w.apply(upsert(cluster_ip("n", "vip", {"10.0.0.1"}, {web})));
  w.apply(upsert(external("n", "out", "example.com")));
  w.apply(upsert(slice("n", "peers", "peers-1",
                       {in_zone("10.1.0.1", ""), in_zone("10.1.0.2", "zone-a"), in_zone("10.1.0.3", "eu.west-1", "h"),
                        in_zone("10.1.0.4", "zone-a")},
                       {web})));
  w.apply(upsert(slice("n", "peers", "peers-2", {in_zone("fd00::5", "zone-a")}, {web})));
  w.apply(upsert(slice("n", "vip", "vip-1", {in_zone("10.1.0.2", "zone-a")}, {web})));
  w.synced();
  w.build();
  return w;
}

kube::endpoint_slice far_slice(std::string service, std::string name, std::string cluster,
                               std::vector<kube::endpoint> endpoints, std::vector<kube::port> ports) {
  auto s = slice("n", "", std::move(name), std::move(endpoints), std::move(ports));
  s.imported = std::move(service);
  s.source_cluster = std::move(cluster);
  return s;
}

kube::service_import import(std::string name, std::vector<std::string> ips, std::vector<kube::port> ports) {
  kube::service_import i;
  i.namespace_ = "n";
  i.name = std::move(name);
  i.headless = ips.empty();
  for (auto& text : ips)
    i.ips.push_back(ip(text));
  i.ports = std::move(ports);
  return i;
}

small_world with_imports() {
  small_world w;
  w.how.zones = {text_name("cluster.local"), text_name("clusterset.local")};
  w.how.multicluster = {text_name("clusterset.local")};
  w.add_namespace("n");
  const kube::port web{"web", "tcp", 80};
  w.apply(upsert(cluster_ip("n", "own", {"10.0.0.9"}, {web})));
  w.apply(upsert(import("vip", {"10.0.0.1"}, {web})));
  w.apply(upsert(import("bare", {"10.0.0.2"}, {})));
  w.apply(upsert(import("peers", {}, {web})));
  w.apply(upsert(import("idle", {}, {web})));
  w.apply(upsert(far_slice("peers", "c1-1", "c1", {endpoint({"10.1.0.1"}, "db-0"), endpoint({"10.1.0.2"})}, {web})));
  w.apply(upsert(far_slice("peers", "c2-1", "c2", {endpoint({"10.2.0.1"}, "db-0")}, {web})));
  w.apply(upsert(far_slice("peers", "here-1", "", {endpoint({"10.3.0.1"}, "near")}, {web})));
  w.apply(upsert(far_slice("vip", "vip-1", "c1", {endpoint({"10.1.0.7"}, "v-0")}, {web})));
  w.synced();
  w.build();
  return w;
}

} // namespace

TEST(zone_options, verified_pods) {
  const small_world w = with_pods();
  check(w, {
             {"10-1-0-1.n.pod.cluster.local", a, positive("10-1-0-1.n.pod.cluster.local. 5 A 10.1.0.1")},
             {"10-1-0-1.n.pod.cluster.local", aaaa, nodata},
             {"fd00--1.n.pod.cluster.local", aaaa, positive("fd00--1.n.pod.cluster.local. 5 AAAA fd00::1")},
             {"fd00-0--1.n.pod.cluster.local", aaaa, denied}, // another spelling of it
             {"10-1-0-1.m.pod.cluster.local", a, denied},
             {"10-1-0-2.n.pod.cluster.local", a, denied},
             {"192-0-2-1.n.pod.cluster.local", a, positive("192-0-2-1.n.pod.cluster.local. 5 A 192.0.2.1")},
             {"192-0-2-1.n.pod.cluster.local", srv, // of two pods
              positive("192-0-2-1.n.pod.cluster.local. 5 SRV 0 50 0 192-0-2-1.n.pod.cluster.local.",
                       "192-0-2-1.n.pod.cluster.local. 5 A 192.0.2.1")},
             {"192-0-2-1.m.pod.cluster.local", a, positive("192-0-2-1.m.pod.cluster.local. 5 A 192.0.2.1")},
             {"10-1-0-9.dark.pod.cluster.local", a, denied}, // no such Namespace
             {"both.n.pod.cluster.local", a, denied},
             {"n.pod.cluster.local", a, nodata},
             {"10-1-0-1.n.pod.cluster.local", mx, nodata},
             {"10-1-0-1.n.pod.cluster.local", srv,
              positive("10-1-0-1.n.pod.cluster.local. 5 SRV 0 100 0 10-1-0-1.n.pod.cluster.local.",
                       "10-1-0-1.n.pod.cluster.local. 5 A 10.1.0.1")},
           });
}

TEST(zone_options, pods_come_change_and_go) {
  small_world w = with_pods();
  const auto known = [&](const char* label) {
    w.build();
    return w.ask(std::string{label} + ".n.pod.cluster.local", a).what == outcome::answered;
  };
  w.apply(removal(pod("host-1", {})));
  EXPECT_TRUE(known("192-0-2-1")); // the other one has it
  w.apply(removal(pod("host-2", {})));
  EXPECT_FALSE(known("192-0-2-1"));
  w.apply(upsert(pod("both", {"10.1.0.5"})));
  EXPECT_FALSE(known("10-1-0-1"));
  EXPECT_TRUE(known("10-1-0-5"));
  auto ending = pod("both", {"10.1.0.6"});
  ending.terminating = true;
  w.apply(upsert(ending)); // stays as it was
  EXPECT_TRUE(known("10-1-0-5"));
  EXPECT_FALSE(known("10-1-0-6"));
  ending.name = "late";
  w.apply(upsert(ending)); // was never known
  EXPECT_FALSE(known("10-1-0-6"));
  w.apply(upsert(pod("both", {})));
  EXPECT_FALSE(known("10-1-0-5"));
}

TEST(zone_pods, a_list_sweeps_and_restarts_go_on) {
  pod_keeper first;
  EXPECT_TRUE(first.build()); // once
  EXPECT_FALSE(first.build());
  first.apply(upsert(pod("a", {"10.1.0.1"})));
  first.apply(upsert(pod("b", {"10.1.0.2"})));
  EXPECT_TRUE(first.alters_dns());
  EXPECT_FALSE(first.alters_dns());
  const auto last = first.build();
  pod_keeper second{*last};
  EXPECT_EQ(second.size(), 2u);
  second.list_begin();
  auto ending = pod("a", {"10.1.0.1"});
  ending.terminating = true;
  second.apply(upsert(ending)); // named, so it stays
  second.apply(upsert(pod("c", {"10.1.0.3"})));
  EXPECT_EQ(second.size(), 3u); // nothing goes before the end
  second.list_end();
  const auto now = second.build();
  std::string all;
  now->for_each([&](const pod_row& row) { all += row.pod->name; });
  std::ranges::sort(all);
  EXPECT_EQ(all, "ac");
  second.list_end(); // without a beginning
  EXPECT_EQ(second.size(), 2u);
}

TEST(zone_options, topology_zones) {
  const small_world w = with_zones();
  const std::string peers = "_zone.peers.n.svc.cluster.local";
  const auto addresses = [](const std::string& name, std::vector<std::string> last) {
    std::string text;
    for (auto& one : last)
      text += (text.empty() ? "" : "; ") + name + ". 5 A 10.1.0." + one;
    return positive(text);
  };
  const auto in = [&](const std::string& front, std::vector<std::string> last) {
    return row{front + "." + peers, a, addresses(front + "." + peers, std::move(last))};
  };
  check(w, {
             in("zone-a.pin", {"2", "4"}),
             in("zone-a.prefer", {"2", "4"}),
             in("Zone-A.Pin", {"2", "4"}),
             in("eu.west-1.pin", {"3"}),
             in("none.prefer", {"1", "2", "3", "4"}),
             {"none.pin." + peers, a, nodata},
             {"none.pin." + peers, txt, nodata},
             {"zone-a.pin." + peers, txt, nodata},
             {"west-1.pin." + peers, a, nodata}, // a part of a zone's name
             {"eu.pin." + peers, a, nodata},
             {"a.eu.west-1.pin." + peers, a, nodata},
             {"zone-a.pin." + peers, aaaa, positive("zone-a.pin." + peers + ". 5 AAAA fd00::5")},
             {"eu.west-1.pin." + peers, aaaa, nodata},
             {"eu.west-1.pin." + peers, srv,
              positive("eu.west-1.pin." + peers + ". 5 SRV 0 100 8080 h.peers.n.svc.cluster.local.",
                       "h.peers.n.svc.cluster.local. 5 A 10.1.0.3")},
             {"zone-a.pin._zone.idle.n.svc.cluster.local", a, nodata},
             {"zone-a.prefer._zone.idle.n.svc.cluster.local", a, nodata},
             {"zone-a.other." + peers, a, denied},
             {"zone-a.pin._zone.vip.n.svc.cluster.local", a, denied},
             {"zone-a.pin._zone.out.n.svc.cluster.local", a, denied},
             {"zone-a.pin._zone.none.n.svc.cluster.local", a, denied},
             {"zone-a.pin._zone.peers.m.svc.cluster.local", a, denied},
             {"zone-a.pin._zone.peers.n.pod.cluster.local", a, denied},
             {"a.b.c.peers.n.svc.cluster.local", a, denied},
             // Above such names something exists.
             {peers, a, nodata},
             {"pin." + peers, a, nodata},
             {"prefer." + peers, txt, nodata},
             {"other." + peers, a, denied},
             {"_zone.vip.n.svc.cluster.local", a, denied},
             // As ever.
             {"10-1-0-2.peers.n.svc.cluster.local", a, positive("10-1-0-2.peers.n.svc.cluster.local. 5 A 10.1.0.2")},
           });
  small_world without = with_zones();
  without.how.zonal = false;
  check(without, {{"zone-a.pin." + peers, a, denied}, {peers, a, denied}, {"pin." + peers, a, denied}});
}

TEST(zone_options, zones_are_kept_only_where_asked_for) {
  const auto with = slice("n", "peers", "p", {in_zone("10.1.0.1", ""), in_zone("10.1.0.2", "zone-a")});
  EXPECT_EQ(make_slice_part(with, {.endpoints = true})->extras, nullptr);
  const auto kept = make_slice_part(with, {.endpoints = true, .zones = true});
  EXPECT_EQ(kept->zone(0), "");
  EXPECT_EQ(kept->zone(1), "zone-a");
  EXPECT_EQ(make_slice_part(slice("n", "peers", "p", {endpoint({"10.1.0.1"})}), kube::kept::all())->extras, nullptr);
}

TEST(zone_options, a_zone_that_changes_alters_answers) {
  keeper k{"n"};
  k.apply(upsert(headless("n", "peers")));
  k.apply(upsert(slice("n", "peers", "p", {in_zone("10.1.0.1", "zone-a")})));
  EXPECT_TRUE(k.build().alters_dns);
  k.apply(upsert(slice("n", "peers", "p", {in_zone("10.1.0.1", "zone-a")})));
  EXPECT_FALSE(k.build().table);
  k.apply(upsert(slice("n", "peers", "p", {in_zone("10.1.0.1", "zone-b")})));
  EXPECT_TRUE(k.build().alters_dns);
}

TEST(zone_options, imports) {
  const small_world w = with_imports();
  const std::string tail = ".n.svc.clusterset.local", soa = soa_of("clusterset.local.");
  const std::string none = "NOERROR aa |  | " + soa + " | ", no = "NXDOMAIN aa |  | " + soa + " | ";
  const auto one = [&](const std::string& name, const std::string& address) {
    return row{name + tail, a, positive(name + tail + ". 5 A " + address)};
  };
  check(w, {
             one("vip", "10.0.0.1"),
             one("_web._tcp.vip", "10.0.0.1"),
             {"_web._udp.vip" + tail, a, no},
             {"vip" + tail, aaaa, none},
             {"vip.n.svc.cluster.local", a, denied},
             {"own" + tail, a, no},
             {"own.n.svc.cluster.local", a, positive("own.n.svc.cluster.local. 5 A 10.0.0.9")},
             {"bare" + tail, a, no}, // without ports
             {"idle" + tail, a, no},
             {"peers" + tail, a,
              positive("peers" + tail + ". 5 A 10.1.0.1; peers" + tail + ". 5 A 10.1.0.2; peers" + tail +
                       ". 5 A 10.2.0.1; peers" + tail + ". 5 A 10.3.0.1")},
             one("db-0.c1.peers", "10.1.0.1"),
             one("db-0.c2.peers", "10.2.0.1"),
             one("10-1-0-2.c1.peers", "10.1.0.2"),
             {"db-0.c3.peers" + tail, a, no},
             {"db-0.peers" + tail, a, no}, // of which cluster?
             one("near.peers", "10.3.0.1"),
             one("v-0.c1.vip", "10.1.0.7"),
             {"v-0.vip" + tail, a, no},
             {"db-0.c1.peers" + tail, txt, none},
             {"vip" + tail, srv,
              positive("vip" + tail + ". 5 SRV 0 100 80 vip" + tail + ".", "vip" + tail + ". 5 A 10.0.0.1")},
             {"db-0.c1.peers" + tail, srv,
              positive("db-0.c1.peers" + tail + ". 5 SRV 0 100 80 db-0.c1.peers" + tail + ".",
                       "db-0.c1.peers" + tail + ". 5 A 10.1.0.1")},
             {"n.svc.clusterset.local", a, none},
             {"m.svc.clusterset.local", a, no},
           });
  EXPECT_EQ(w.ask("_web._tcp.peers" + tail, srv).read.answer.size(), 4u); // db-0 of two clusters are two
  EXPECT_EQ(w.ask("_web._tcp.peers" + tail, srv).read.additional.size(), 4u);
}

TEST(zone_options, imports_are_not_about_noendpoints) {
  small_world w = with_imports();
  w.how.noendpoints = true;
  EXPECT_EQ(w.ask("db-0.c1.peers.n.svc.clusterset.local", a).what, outcome::answered);
  w.how.ignore_empty_service = true;
  EXPECT_EQ(w.ask("vip.n.svc.clusterset.local", a).what, outcome::answered);
  EXPECT_EQ(w.ask("own.n.svc.cluster.local", a).what, outcome::name_error);
}

TEST(zone_options, slices_leave_their_import) {
  small_world w = with_imports();
  auto changed = slice("n", "own", "c1-1", {endpoint({"10.1.0.1"}, "db-0")});
  w.apply(upsert(changed)); // without the label now
  w.apply(removal(import("vip", {}, {})));
  w.build();
  EXPECT_EQ(w.ask("db-0.c1.peers.n.svc.clusterset.local", a).what, outcome::name_error);
  EXPECT_EQ(w.ask("db-0.own.n.svc.cluster.local", a).what, outcome::answered);
  EXPECT_EQ(w.ask("vip.n.svc.clusterset.local", a).what, outcome::name_error);
}

TEST(zone_options, empty_services) {
  small_world w;
  w.how.ignore_empty_service = true;
  w.add_namespace("n");
  w.apply(upsert(cluster_ip("n", "empty", {"10.0.0.1"}, {{"web", "tcp", 80}})));
  w.apply(upsert(cluster_ip("n", "full", {"10.0.0.2"}, {{"web", "tcp", 80}})));
  w.apply(upsert(external("n", "out", "example.com")));
  w.apply(upsert(slice("n", "full", "full-1", {endpoint({"10.1.0.1"})}, {{"web", "tcp", 80}})));
  w.synced();
  w.build();
  for (auto name : {"empty.n.svc.cluster.local", "_web._tcp.empty.n.svc.cluster.local"})
    EXPECT_EQ(w.ask(name, a).text, denied) << name;
  EXPECT_EQ(w.ask("full.n.svc.cluster.local", a).what, outcome::answered);
  EXPECT_EQ(w.ask("out.n.svc.cluster.local", a).what, outcome::external);
  EXPECT_EQ(w.ask("1.0.0.10.in-addr.arpa", ptr).what, outcome::answered); // it is there all the same
}

TEST(zone_options, addresses_in_unselected_namespaces_have_no_names) {
  small_world w;
  w.add_namespace("n");
  w.apply(upsert(cluster_ip("n", "seen", {"10.0.0.1"}, {})));
  w.apply(upsert(cluster_ip("dark", "hidden", {"10.0.0.2"}, {})));
  w.synced();
  w.build();
  EXPECT_EQ(w.ask("2.0.0.10.in-addr.arpa", ptr).what, outcome::answered);
  w.how.selects_namespaces = true;
  EXPECT_EQ(w.ask("1.0.0.10.in-addr.arpa", ptr).what, outcome::answered);
  EXPECT_EQ(w.ask("2.0.0.10.in-addr.arpa", ptr).what, outcome::name_error);
}
