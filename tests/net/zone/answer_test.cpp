// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/question_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using enum dns::rrtype;

namespace {

const std::string authority =
  "cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5";
const std::string nodata = "NOERROR aa |  | " + authority + " | ";
const std::string denied = "NXDOMAIN aa |  | " + authority + " | ";

/// Namespace `shop`, with one service of each kind; `dark` has a service but no Namespace object.
small_world make_world() {
  small_world w;
  w.add_namespace("shop");
  w.add_namespace("bare");
  const kube::port http{"http", "tcp", 80}, dns_udp{"dns", "udp", 53}, dns_tcp{"dns-tcp", "tcp", 53},
    metrics{"metrics", "tcp", 9153}, web{"http", "tcp", 8080};
  for (auto& s : {
         cluster_ip("shop", "backend", {"10.96.0.10"}, {http}),
         cluster_ip("shop", "dual", {"10.96.0.11", "fd00::11"}, {http}),
         cluster_ip("shop", "resolver", {"10.96.0.12"}, {dns_udp, dns_tcp, metrics}),
         cluster_ip("shop", "portless", {"10.96.0.13"}, {}),
         cluster_ip("dark", "hidden", {"10.96.0.14"}, {http}),
         headless("shop", "peers", {web}),
         headless("shop", "idle", {web}),
         headless("shop", "six"),
         headless("shop", "noports"),
         external("shop", "outside", "www.example.com"),
         external("shop", "inside", "Backend.shop.svc.cluster.local"),
         external("shop", "chain", "inside.shop.svc.cluster.local."),
         external("shop", "dangling", "none.shop.svc.cluster.local"),
         external("shop", "self", "self.shop.svc.cluster.local"),
         external("shop", "below", "x.below.shop.svc.cluster.local"),
         external("shop", "ping", "pong.shop.svc.cluster.local"),
         external("shop", "pong", "ping.shop.svc.cluster.local"),
         external("shop", "number", "192.0.2.1"),
         external("shop", "exit", "outside.shop.svc.cluster.local"),
         external("shop", "topeers", "peers.shop.svc.cluster.local"),
         external("shop", "topod", "10-1-2-3.shop.pod.cluster.local"),
       })
    w.apply(upsert(s));
  w.apply(upsert(slice("shop", "backend", "backend-1", {endpoint({"10.244.0.1"}, "", "backend-pod-1")}, {web})));
  w.apply(upsert(slice("shop", "peers", "peers-1",
                       {endpoint({"10.244.0.21"}, "peer-0"), endpoint({"10.244.0.22"}, "", "peer-pod"),
                        endpoint({"10.244.0.23", "10.244.0.24"}, "twins")},
                       {web, {"admin", "tcp", 9000}})));
  w.apply(upsert(slice("shop", "peers", "peers-2", {endpoint({"fd00::"}), endpoint({"fd00::1:2"}, "peer-0")}, {web})));
  w.apply(upsert(slice("shop", "six", "six-1", {endpoint({"fd00::6"})}, {web})));
  w.apply(upsert(slice("shop", "noports", "noports-1", {endpoint({"10.244.0.31"})})));
  w.apply(upsert(slice("dark", "hidden", "hidden-1", {endpoint({"10.244.0.41"})}, {web})));
  w.synced();
  w.touched(1700000000);
  w.build();
  return w;
}

} // namespace

TEST(zone_answer, cluster_ip_services) {
  const small_world w = make_world();
  check(w, {
             {"backend.shop.svc.cluster.local", a, positive("backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
             {"BackEnd.Shop.SVC.cluster.Local", a, positive("BackEnd.Shop.SVC.cluster.Local. 5 A 10.96.0.10")},
             {"backend.shop.svc.cluster.local", aaaa, nodata},
             {"dual.shop.svc.cluster.local", aaaa, positive("dual.shop.svc.cluster.local. 5 AAAA fd00::11")},
             {"_http._tcp.backend.shop.svc.cluster.local", a,
              positive("_http._tcp.backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
             {"http.tcp.backend.shop.svc.cluster.local", a,
              positive("http.tcp.backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
             {"_._tcp.backend.shop.svc.cluster.local", a,
              positive("_._tcp.backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
             {"_http._udp.backend.shop.svc.cluster.local", a, denied},
             {"_http._tcp.portless.shop.svc.cluster.local", a, denied},
             {"portless.shop.svc.cluster.local", a, positive("portless.shop.svc.cluster.local. 5 A 10.96.0.13")},
             {"portless.shop.svc.cluster.local", srv, nodata},
             {"absent.shop.svc.cluster.local", a, denied},
             {"*.shop.svc.cluster.local", a, denied},
             {"backend.absent.svc.cluster.local", a, denied},
             {"hidden.dark.svc.cluster.local", a, denied},
             {"a.b.c.backend.shop.svc.cluster.local", a, denied},
             {"_tcp.backend.shop.svc.cluster.local", a, nodata},
             {"tcp.backend.shop.svc.cluster.local", srv, nodata},
             {"_sctp.backend.shop.svc.cluster.local", a, denied},
             {"_tcp.peers.shop.svc.cluster.local", cname, nodata},
             {"_tcp.idle.shop.svc.cluster.local", a, denied},
             {"x._tcp.backend.shop.svc.cluster.local", a, denied},
             {"10-244-0-1.backend.shop.svc.cluster.local", a,
              positive("10-244-0-1.backend.shop.svc.cluster.local. 5 A 10.244.0.1")},
             {"backend-pod-1.backend.shop.svc.cluster.local", a, denied},
             {"10-244-0-2.backend.shop.svc.cluster.local", a, denied},
           });
}

TEST(zone_answer, other_types_tell_existing_names_from_others) {
  const small_world w = make_world();
  for (auto type : {mx, txt, cname, ptr, ns, soa, any, https, svcb, hinfo, ds, naptr}) {
    EXPECT_EQ(w.ask("backend.shop.svc.cluster.local", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("peers.shop.svc.cluster.local", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("peer-0.peers.shop.svc.cluster.local", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("absent.shop.svc.cluster.local", type).text, denied);
    EXPECT_EQ(w.ask("idle.shop.svc.cluster.local", type).text, denied);
    EXPECT_EQ(w.ask("x.absent.svc.cluster.local", type).text, denied);
  }
}

TEST(zone_answer, srv) {
  const small_world w = make_world();
  check(
    w,
    {
      {"_http._tcp.backend.shop.svc.cluster.local", srv,
       positive("_http._tcp.backend.shop.svc.cluster.local. 5 SRV 0 100 80 backend.shop.svc.cluster.local.",
                "backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
      {"_HTTP._TCP.BACKEND.SHOP.SVC.CLUSTER.LOCAL", srv,
       positive("_HTTP._TCP.BACKEND.SHOP.SVC.CLUSTER.LOCAL. 5 SRV 0 100 80 backend.shop.svc.CLUSTER.LOCAL.",
                "backend.shop.svc.CLUSTER.LOCAL. 5 A 10.96.0.10")},
      {"_http._tcp.dual.shop.svc.cluster.local", srv,
       positive("_http._tcp.dual.shop.svc.cluster.local. 5 SRV 0 50 80 dual.shop.svc.cluster.local.",
                "dual.shop.svc.cluster.local. 5 A 10.96.0.11; dual.shop.svc.cluster.local. 5 AAAA fd00::11")},
      // Two of the three ports share a number: one SRV, but each counts for the weight.
      {"resolver.shop.svc.cluster.local", srv,
       positive("resolver.shop.svc.cluster.local. 5 SRV 0 33 53 resolver.shop.svc.cluster.local.; "
                "resolver.shop.svc.cluster.local. 5 SRV 0 33 9153 resolver.shop.svc.cluster.local.",
                "resolver.shop.svc.cluster.local. 5 A 10.96.0.12")},
      {"_dns-tcp._tcp.resolver.shop.svc.cluster.local", srv,
       positive("_dns-tcp._tcp.resolver.shop.svc.cluster.local. 5 SRV 0 100 53 resolver.shop.svc.cluster.local.",
                "resolver.shop.svc.cluster.local. 5 A 10.96.0.12")},
      {"_ftp._tcp.backend.shop.svc.cluster.local", srv, denied},
      {"idle.shop.svc.cluster.local", srv, denied},
      {"noports.shop.svc.cluster.local", srv, nodata},
      {"outside.shop.svc.cluster.local", srv, nodata},
      {"_http._tcp.outside.shop.svc.cluster.local", srv, denied},
      {"_admin._tcp.peers.shop.svc.cluster.local", srv,
       positive("_admin._tcp.peers.shop.svc.cluster.local. 5 SRV 0 25 9000 10-244-0-22.peers.shop.svc.cluster.local.; "
                "_admin._tcp.peers.shop.svc.cluster.local. 5 SRV 0 25 9000 peer-0.peers.shop.svc.cluster.local.; "
                "_admin._tcp.peers.shop.svc.cluster.local. 5 SRV 0 25 9000 twins.peers.shop.svc.cluster.local.",
                "10-244-0-22.peers.shop.svc.cluster.local. 5 A 10.244.0.22; "
                "peer-0.peers.shop.svc.cluster.local. 5 A 10.244.0.21; "
                "twins.peers.shop.svc.cluster.local. 5 A 10.244.0.23; "
                "twins.peers.shop.svc.cluster.local. 5 A 10.244.0.24")},
      {"peer-0.peers.shop.svc.cluster.local", srv,
       positive("peer-0.peers.shop.svc.cluster.local. 5 SRV 0 33 8080 peer-0.peers.shop.svc.cluster.local.; "
                "peer-0.peers.shop.svc.cluster.local. 5 SRV 0 33 9000 peer-0.peers.shop.svc.cluster.local.",
                "peer-0.peers.shop.svc.cluster.local. 5 A 10.244.0.21; "
                "peer-0.peers.shop.svc.cluster.local. 5 AAAA fd00::1:2")},
    });
  EXPECT_EQ(w.ask("peers.shop.svc.cluster.local", srv).read.answer.size(), 7u); // 3 names x 2 ports, 1 x 1
}

TEST(zone_answer, headless_services) {
  const small_world w = make_world();
  check(
    w,
    {
      {"peers.shop.svc.cluster.local", a,
       positive("peers.shop.svc.cluster.local. 5 A 10.244.0.21; peers.shop.svc.cluster.local. 5 A 10.244.0.22; "
                "peers.shop.svc.cluster.local. 5 A 10.244.0.23; peers.shop.svc.cluster.local. 5 A 10.244.0.24")},
      {"peers.shop.svc.cluster.local", aaaa,
       positive("peers.shop.svc.cluster.local. 5 AAAA fd00::; peers.shop.svc.cluster.local. 5 AAAA fd00::1:2")},
      {"_admin._tcp.peers.shop.svc.cluster.local", aaaa, nodata},
      {"_ftp._tcp.peers.shop.svc.cluster.local", a, denied},
      {"idle.shop.svc.cluster.local", a, denied},
      {"six.shop.svc.cluster.local", a, nodata},
      {"noports.shop.svc.cluster.local", a, positive("noports.shop.svc.cluster.local. 5 A 10.244.0.31")},
      {"twins.peers.shop.svc.cluster.local", a,
       positive(
         "twins.peers.shop.svc.cluster.local. 5 A 10.244.0.23; twins.peers.shop.svc.cluster.local. 5 A 10.244.0.24")},
      {"TWINS.peers.shop.svc.cluster.local", aaaa, nodata},
      {"fd00--0.peers.shop.svc.cluster.local", aaaa, positive("fd00--0.peers.shop.svc.cluster.local. 5 AAAA fd00::")},
      {"fd00--.peers.shop.svc.cluster.local", aaaa, denied},
      {"fd00--1-2.peers.shop.svc.cluster.local", aaaa, denied}, // that one has a hostname
      {"peer-pod.peers.shop.svc.cluster.local", a, denied},
    });
}

TEST(zone_answer, endpoint_pod_names) {
  small_world w = make_world();
  w.how.endpoint_pod_names = true;
  check(
    w,
    {
      {"peer-pod.peers.shop.svc.cluster.local", a, positive("peer-pod.peers.shop.svc.cluster.local. 5 A 10.244.0.22")},
      {"10-244-0-22.peers.shop.svc.cluster.local", a, denied},
      {"peer-0.peers.shop.svc.cluster.local", a, positive("peer-0.peers.shop.svc.cluster.local. 5 A 10.244.0.21")},
      {"22.0.244.10.in-addr.arpa", ptr,
       positive("22.0.244.10.in-addr.arpa. 5 PTR peer-pod.peers.shop.svc.cluster.local.")},
    });
}

TEST(zone_answer, external_names) {
  small_world w = make_world();
  w.how.pods = options::pods_mode::insecure;
  const std::string inside = "inside.shop.svc.cluster.local. 5 CNAME Backend.shop.svc.cluster.local.";
  check(
    w,
    {
      {"outside.shop.svc.cluster.local", a, positive("outside.shop.svc.cluster.local. 5 CNAME www.example.com.")},
      {"outside.shop.svc.cluster.local", cname, positive("outside.shop.svc.cluster.local. 5 CNAME www.example.com.")},
      {"outside.shop.svc.cluster.local", mx, nodata},
      {"outside.shop.svc.cluster.local", txt, nodata},
      {"x.outside.shop.svc.cluster.local", cname, denied},
      {"_http._tcp.outside.shop.svc.cluster.local", cname, denied},
      {"_._.outside.shop.svc.cluster.local", cname,
       positive("_._.outside.shop.svc.cluster.local. 5 CNAME www.example.com.")},
      {"_._.outside.shop.svc.cluster.local", srv, nodata},
      {"inside.shop.svc.cluster.local", a, positive("Backend.shop.svc.cluster.local. 5 A 10.96.0.10; " + inside)},
      {"inside.shop.svc.cluster.local", aaaa, nodata},
      {"inside.shop.svc.cluster.local", cname, positive(inside)},
      {"chain.shop.svc.cluster.local", a,
       positive("Backend.shop.svc.cluster.local. 5 A 10.96.0.10; "
                "chain.shop.svc.cluster.local. 5 CNAME inside.shop.svc.cluster.local.; " +
                inside)},
      {"dangling.shop.svc.cluster.local", a, nodata},
      {"dangling.shop.svc.cluster.local", cname,
       positive("dangling.shop.svc.cluster.local. 5 CNAME none.shop.svc.cluster.local.")},
      {"self.shop.svc.cluster.local", a, nodata},
      {"below.shop.svc.cluster.local", a, nodata},
      {"ping.shop.svc.cluster.local", a, nodata},
      {"number.shop.svc.cluster.local", a, denied},
      {"number.shop.svc.cluster.local", cname, denied},
      {"exit.shop.svc.cluster.local", aaaa,
       positive("exit.shop.svc.cluster.local. 5 CNAME outside.shop.svc.cluster.local.; "
                "outside.shop.svc.cluster.local. 5 CNAME www.example.com.")},
      {"topod.shop.svc.cluster.local", a,
       positive("10-1-2-3.shop.pod.cluster.local. 5 A 10.1.2.3; "
                "topod.shop.svc.cluster.local. 5 CNAME 10-1-2-3.shop.pod.cluster.local.")},
    });
  EXPECT_EQ(w.ask("exit.shop.svc.cluster.local", a).what, outcome::external);
  EXPECT_EQ(w.ask("exit.shop.svc.cluster.local", a).target, "www.example.com.");
  EXPECT_EQ(w.ask("topeers.shop.svc.cluster.local", a).read.answer.size(), 5u);
}

TEST(zone_answer, alias_chains_end_after_eleven) {
  small_world w;
  w.add_namespace("c");
  w.apply(upsert(cluster_ip("c", "s0", {"10.96.0.1"}, {})));
  for (int i = 1; i <= 12; ++i)
    w.apply(upsert(external("c", "s" + std::to_string(i), "s" + std::to_string(i - 1) + ".c.svc.cluster.local")));
  w.build();
  EXPECT_EQ(w.ask("s10.c.svc.cluster.local", a).read.answer.size(), 11u);
  EXPECT_EQ(w.ask("s11.c.svc.cluster.local", a).read.answer.size(), 12u);
  // Names that end as the question does point into it: 10 octets and a label for each link.
  EXPECT_EQ(w.ask("s11.c.svc.cluster.local", a, 512).read.answer.size(), 12u);
  EXPECT_EQ(w.ask("s11.c.svc.cluster.local", a, 12 + 28 + 9 * 17 + 2 * 18 + 16).read.answer.size(), 12u);
  EXPECT_EQ(w.ask("s11.c.svc.Cluster.local", a).read.answer.size(), 12u);
  EXPECT_EQ(w.ask("s12.c.svc.cluster.local", a).read.answer.size(), 0u);
  EXPECT_EQ(w.ask("s12.c.svc.cluster.local", a).what, outcome::nodata);
}

TEST(zone_answer, options) {
  small_world w = make_world();
  w.how.noendpoints = true;
  check(w, {{"peers.shop.svc.cluster.local", a, denied},
            {"peer-0.peers.shop.svc.cluster.local", srv, denied},
            {"21.0.244.10.in-addr.arpa", ptr,
             "NXDOMAIN aa |  | 10.in-addr.arpa. 5 SOA ns.dns.10.in-addr.arpa. hostmaster.10.in-addr.arpa. 1700000000 "
             "7200 1800 86400 5 | "},
            {"backend.shop.svc.cluster.local", a, positive("backend.shop.svc.cluster.local. 5 A 10.96.0.10")}});
  w.how.noendpoints = false;
  w.how.ignore_empty_service = true;
  check(w, {{"dual.shop.svc.cluster.local", a, denied},
            {"backend.shop.svc.cluster.local", a, positive("backend.shop.svc.cluster.local. 5 A 10.96.0.10")},
            {"outside.shop.svc.cluster.local", cname,
             positive("outside.shop.svc.cluster.local. 5 CNAME www.example.com.")}});
  w.how.ignore_empty_service = false;
  w.how.namespaces = {"bare"};
  check(w, {{"backend.shop.svc.cluster.local", a, denied},
            {"shop.svc.cluster.local", a, denied},
            {"bare.svc.cluster.local", a, nodata}});
  EXPECT_EQ(w.ask("10.0.96.10.in-addr.arpa", ptr).what, outcome::name_error);
  w.how.namespaces = {"shop"};
  w.how.ttl = 3600;
  EXPECT_EQ(w.ask("backend.shop.svc.cluster.local", a).text,
            positive("backend.shop.svc.cluster.local. 3600 A 10.96.0.10"));
  EXPECT_EQ(w.ask("x.shop.svc.cluster.local", a).read.authority[0],
            "cluster.local. 300 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 3600");
}

TEST(zone_answer, a_set_too_large_begins_somewhere_else) {
  small_world w;
  w.add_namespace("n");
  w.apply(upsert(headless("n", "many")));
  std::vector<kube::endpoint> endpoints;
  for (int i = 0; i < 200; ++i)
    endpoints.push_back(endpoint({"10.1.0." + std::to_string(i)}));
  w.apply(upsert(slice("n", "many", "many-1", endpoints)));
  w.build();
  const auto first = w.ask("many.n.svc.cluster.local", a, 512, 0),
             later = w.ask("many.n.svc.cluster.local", a, 512, 150);
  EXPECT_TRUE(first.read.tc);
  EXPECT_EQ(first.read.answer[0], "many.n.svc.cluster.local. 5 A 10.1.0.0");
  EXPECT_EQ(later.read.answer[0], "many.n.svc.cluster.local. 5 A 10.1.0.150");
  EXPECT_EQ(w.ask("many.n.svc.cluster.local", a, 4096, 150).read.answer.size(), 200u);
  for (int i = 0; i < 200; ++i) // found through the index
    EXPECT_EQ(w.ask("10-1-0-" + std::to_string(i) + ".many.n.svc.cluster.local", a).read.answer.size(), 1u) << i;
}

TEST(zone_answer, fqdn_slices) {
  small_world w;
  w.add_namespace("n");
  w.apply(upsert(headless("n", "far")));
  kube::endpoint e;
  e.fqdn = "db.example.com";
  w.apply(upsert(slice("n", "far", "far-1", {e}, {{"sql", "tcp", 5432}})));
  w.build();
  check(w, {});
  EXPECT_EQ(w.ask("far.n.svc.cluster.local", a).target, "db.example.com.");
  EXPECT_EQ(w.ask("db-example-com.far.n.svc.cluster.local", a).text,
            positive("db-example-com.far.n.svc.cluster.local. 5 CNAME db.example.com."));
  EXPECT_EQ(w.ask("far.n.svc.cluster.local", srv).what, outcome::nodata);
}
