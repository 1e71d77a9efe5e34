// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/question_rows.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using enum dns::rrtype;

namespace {

std::string soa_of(const std::string& zone) {
  return zone + " 5 SOA ns.dns." + zone + " hostmaster." + zone + " 9 7200 1800 86400 5";
}
std::string nodata(const std::string& zone = "cluster.local.") {
  return "NOERROR aa |  | " + soa_of(zone) + " | ";
}
std::string denied(const std::string& zone = "cluster.local.") {
  return "NXDOMAIN aa |  | " + soa_of(zone) + " | ";
}

small_world make_world() {
  small_world w;
  w.add_namespace("ns1");
  w.apply(upsert(cluster_ip("ns1", "kube-dns", {"10.96.0.53", "fd00::53"}, {{"dns", "udp", 53}})));
  w.apply(upsert(headless("ns1", "dns-peers")));
  const auto endpoints = {endpoint({"10.244.0.2"}, "", "coredns-1"), endpoint({"10.244.0.3"}, "west")};
  w.apply(upsert(slice("ns1", "kube-dns", "kube-dns-1", endpoints, {{"dns", "udp", 53}})));
  w.apply(upsert(slice("ns1", "dns-peers", "dns-peers-1", endpoints)));
  w.how.local_addresses = {ip("192.0.2.7"), ip("2001:db8::7")};
  w.synced();
  w.touched(9);
  w.build();
  return w;
}

} // namespace

TEST(zone_apex, the_zone_itself) {
  const small_world w = make_world();
  for (auto type : {a, aaaa, srv, hinfo, any, mx, cname, ptr, https})
    EXPECT_EQ(w.ask("cluster.local", type).text, nodata()) << static_cast<int>(type);
  check(w, {
             {"cluster.local", soa, positive(soa_of("cluster.local."))},
             {"Cluster.LOCAL", soa, positive(soa_of("Cluster.LOCAL."))},
             {"Cluster.LOCAL", a, nodata("Cluster.LOCAL.")},
             {"cluster.local", txt, nodata()},
             {"cluster.local", ns,
              positive("cluster.local. 5 NS ns.dns.cluster.local.",
                       "ns.dns.cluster.local. 5 A 192.0.2.7; ns.dns.cluster.local. 5 AAAA 2001:db8::7")},
             {"Cluster.local", ns,
              positive("Cluster.local. 5 NS ns.dns.Cluster.local.",
                       "ns.dns.Cluster.local. 5 A 192.0.2.7; ns.dns.Cluster.local. 5 AAAA 2001:db8::7")},
           });
}

TEST(zone_apex, name_servers_follow_the_local_addresses) {
  small_world w = make_world();
  w.how.local_addresses = {ip("10.244.0.2")};
  const std::string glue = "10-244-0-2.dns-peers.ns1.svc.cluster.local. 5 A 10.244.0.2; "
                           "kube-dns.ns1.svc.cluster.local. 5 A 10.96.0.53; "
                           "kube-dns.ns1.svc.cluster.local. 5 AAAA fd00::53; "
                           "west.dns-peers.ns1.svc.cluster.local. 5 A 10.244.0.3";
  check(w, {
             {"cluster.local", ns,
              positive("cluster.local. 5 NS 10-244-0-2.dns-peers.ns1.svc.cluster.local.; "
                       "cluster.local. 5 NS kube-dns.ns1.svc.cluster.local.; "
                       "cluster.local. 5 NS west.dns-peers.ns1.svc.cluster.local.",
                       glue)},
             {"ns.dns.cluster.local", aaaa, positive("ns.dns.cluster.local. 5 AAAA fd00::53")},
           });
  EXPECT_EQ(w.ask("ns.dns.cluster.local", a).read.answer.size(), 3u);
  w.how.noendpoints = true;
  check(w, {{"ns.dns.cluster.local", a, positive("ns.dns.cluster.local. 5 A 10.244.0.2")}});
  w.how.local_addresses.clear();
  check(w, {{"cluster.local", ns, nodata()}, {"ns.dns.cluster.local", a, nodata()}});
}

TEST(zone_apex, link_local_addresses_name_nobody) {
  small_world w = make_world();
  w.how.local_addresses = {ip("169.254.20.10"), ip("fe80::1"), ip("febf::1"), ip("fec0::1"), ip("169.253.0.1")};
  check(w, {{"ns.dns.cluster.local", a, positive("ns.dns.cluster.local. 5 A 169.253.0.1")},
            {"ns.dns.cluster.local", aaaa, positive("ns.dns.cluster.local. 5 AAAA fec0::1")}});
  w.how.local_addresses = {ip("fe80::1")};
  check(w, {{"cluster.local", ns, nodata()}, {"ns.dns.cluster.local", aaaa, nodata()}});
}

TEST(zone_apex, fixed_names) {
  const small_world w = make_world();
  check(w, {
             {"ns.dns.cluster.local", a, positive("ns.dns.cluster.local. 5 A 192.0.2.7")},
             {"NS.dns.cluster.local", a, positive("NS.dns.cluster.local. 5 A 192.0.2.7")},
             {"ns.dns.Cluster.local", a, positive("ns.dns.Cluster.local. 5 A 192.0.2.7")},
             {"ns.dns.cluster.local", txt, nodata()},
             {"ns.dns.cluster.local", ptr, nodata()},
             {"ns.dns.cluster.local", srv, nodata()},
             {"ns.dns.cluster.local", soa, nodata()},
             {"ns.dns.cluster.local", any, nodata()},
             {"x.ns.dns.cluster.local", a, denied()},
             {"dns.cluster.local", a, nodata()},
             {"dns.cluster.local", txt, nodata()},
             {"x.dns.cluster.local", a, denied()},
             {"dns-version.cluster.local", txt, positive("dns-version.cluster.local. 28800 TXT 1.1.0")},
             {"DNS-version.Cluster.local", txt, positive("DNS-version.Cluster.local. 28800 TXT 1.1.0")},
             {"dns-version.cluster.local", a, nodata()},
             {"x.dns-version.cluster.local", a, denied()},
             {"dns-version.cluster.local", soa, nodata()},
             {"svc.cluster.local", a, nodata()},
             {"pod.cluster.local", srv, nodata()},
             {"svc.cluster.local", txt, nodata()},
             {"nope.cluster.local", a, denied()},
             {"nope.cluster.local", soa, denied()},
             {"ns1.svc.cluster.local", a, nodata()},
             {"ns1.svc.cluster.local", txt, nodata()},
             {"absent.svc.cluster.local", a, denied()},
             {"ns1.nope.cluster.local", a, denied()},
             {"a.b.c.d.e.f.g.svc.cluster.local", a, denied()},
           });
}

TEST(zone_apex, pods) {
  small_world w = make_world();
  check(w, {{"ns1.pod.cluster.local", a, denied()}, {"10-1-2-3.ns1.pod.cluster.local", a, denied()}});
  w.how.pods = options::pods_mode::insecure;
  const std::string pod = "10-1-2-3.ns1.pod.cluster.local.";
  check(
    w, {
         {"ns1.pod.cluster.local", a, nodata()},
         {"absent.pod.cluster.local", a, denied()},
         {"10-1-2-3.ns1.pod.cluster.local", a, positive(pod + " 5 A 10.1.2.3")},
         {"10-1-2-3.ns1.pod.cluster.local", aaaa, nodata()},
         {"10-1-2-3.ns1.pod.cluster.local", txt, nodata()},
         {"10-1-2-3.ns1.pod.cluster.local", srv, positive(pod + " 5 SRV 0 100 0 " + pod, pod + " 5 A 10.1.2.3")},
         {"x.10-1-2-3.ns1.pod.cluster.local", a, positive("x." + pod + " 5 A 10.1.2.3")},
         {"x.y.10-1-2-3.ns1.pod.cluster.local", a, positive("x.y." + pod + " 5 A 10.1.2.3")},
         {"x.y.z.10-1-2-3.ns1.pod.cluster.local", a, denied()},
         {"10-1-2-3.absent.pod.cluster.local", a, denied()},
         {"10-1-2-256.ns1.pod.cluster.local", a, denied()},
         {"10-1-2-03.ns1.pod.cluster.local", a, denied()},
         {"10-1-2.ns1.pod.cluster.local", a, denied()},
         {"2001-db8--1.ns1.pod.cluster.local", aaaa, positive("2001-db8--1.ns1.pod.cluster.local. 5 AAAA 2001:db8::1")},
         {"2001-DB8--1.ns1.pod.cluster.local", aaaa, positive("2001-DB8--1.ns1.pod.cluster.local. 5 AAAA 2001:db8::1")},
         {"1--2--3.ns1.pod.cluster.local", aaaa, denied()},
         {"coredns-1.ns1.pod.cluster.local", a, denied()},
       });
}

TEST(zone_apex, unsynced_denials_are_servfail) {
  small_world w;
  w.add_namespace("ns1");
  w.apply(upsert(cluster_ip("ns1", "web", {"10.96.0.1"}, {})));
  w.build();
  const std::string soa = "cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 0 7200 1800 86400 5";
  check(w, {{"web.ns1.svc.cluster.local", a, positive("web.ns1.svc.cluster.local. 5 A 10.96.0.1")},
            {"web.ns1.svc.cluster.local", aaaa, "NOERROR aa |  | " + soa + " | "},
            {"other.ns1.svc.cluster.local", a, "SERVFAIL aa |  | " + soa + " | "},
            {"web.ns2.svc.cluster.local", a, "SERVFAIL aa |  | " + soa + " | "}});
}

TEST(zone_apex, the_root_can_be_the_zone) {
  small_world w = make_world();
  w.how.zones = {dns::name{}};
  check(w, {
             {"kube-dns.ns1.svc", a, positive("kube-dns.ns1.svc. 5 A 10.96.0.53")},
             {"_dns._udp.kube-dns.ns1.svc", srv,
              positive("_dns._udp.kube-dns.ns1.svc. 5 SRV 0 50 53 kube-dns.ns1.svc.",
                       "kube-dns.ns1.svc. 5 A 10.96.0.53; kube-dns.ns1.svc. 5 AAAA fd00::53")},
             {".", soa, positive(". 5 SOA ns.dns. hostmaster. 9 7200 1800 86400 5")},
             {"nope", a, "NXDOMAIN aa |  | . 5 SOA ns.dns. hostmaster. 9 7200 1800 86400 5 | "},
           });
}
