// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

namespace troupe::zone {
namespace {

using namespace test;
using enum dns::rrtype;

small_world make_world() {
  small_world w;
  w.how.pods = options::pods_mode::insecure;
  w.how.endpoint_pod_names = true;
  w.how.zonal = true;
  w.how.zones = {text_name("cluster.local"), text_name("in-addr.arpa"), text_name("ip6.arpa")};
  const kube::port http{"http", "tcp", 80};
  w.add_namespace("n");
  w.apply(upsert(cluster_ip("n", "vip", {"10.96.0.10"}, {http})));
  w.apply(upsert(headless("n", "peers")));
  w.apply(upsert(slice("n", "peers", "peers-1",
                       {endpoint({"10.1.0.1"}, "", "static-node1.example.org"), endpoint({"10.1.0.2"}, "", "plain"),
                        endpoint({"10.1.0.3"}, "", "broken..example"),
                        endpoint({"10.1.0.4"}, "", std::string(64, 'x') + ".example")},
                       {http})));
  w.synced();
  w.build();
  return w;
}

/// A name that CoreDNS denies, and hands on to who is next if it may, exists nonetheless (RFC 8020 section 2, RFC 2308
/// section 2.2): who is next may know more of it, but not that it does not exist.
TEST(zone_implied, names_that_exist_for_others) {
  const small_world w = make_world();
  const struct {
    const char* name;
    dns::rrtype type;
    outcome expected;
  } table[] = {
    {"cluster.local", txt, outcome::implied},
    {"cluster.local", mx, outcome::nodata},
    {"svc.cluster.local", txt, outcome::implied},
    {"svc.cluster.local", a, outcome::nodata},
    {"n.svc.cluster.local", txt, outcome::implied},
    {"n.svc.cluster.local", aaaa, outcome::nodata},
    {"m.svc.cluster.local", txt, outcome::name_error},
    {"n.pod.cluster.local", txt, outcome::implied},
    {"dns.cluster.local", a, outcome::implied},
    {"dns.cluster.local", txt, outcome::implied},
    {"dns.cluster.local", soa, outcome::implied},
    {"ns.dns.cluster.local", txt, outcome::implied},
    {"ns.dns.cluster.local", ptr, outcome::implied},
    {"ns.dns.cluster.local", mx, outcome::nodata},
    {"dns-version.cluster.local", a, outcome::implied},
    {"dns-version.cluster.local", txt, outcome::answered},
    {"other.cluster.local", a, outcome::name_error},
    {"_tcp.vip.n.svc.cluster.local", a, outcome::implied},
    {"_tcp.vip.n.svc.cluster.local", cname, outcome::implied},
    {"_tcp.vip.n.svc.cluster.local", srv, outcome::implied},
    {"_tcp.vip.n.svc.cluster.local", mx, outcome::implied},
    {"_udp.vip.n.svc.cluster.local", a, outcome::name_error},
    {"_tcp.peers.n.svc.cluster.local", aaaa, outcome::implied},
    {"_zone.peers.n.svc.cluster.local", a, outcome::implied},
    {"pin._zone.peers.n.svc.cluster.local", srv, outcome::implied},
    {"pin._zones.peers.n.svc.cluster.local", srv, outcome::name_error},
    {"plain.peers.n.svc.cluster.local", mx, outcome::nodata},
    {"vip.n.svc.cluster.local", txt, outcome::nodata},
    {"10.0.96.10.in-addr.arpa", a, outcome::implied},
    {"10.0.96.10.in-addr.arpa", ptr, outcome::answered},
    {"1.0.1.10.in-addr.arpa", soa, outcome::implied},
    {"9.0.96.10.in-addr.arpa", a, outcome::name_error},
    {"10.in-addr.arpa", soa, outcome::implied},
    {"0.96.10.in-addr.arpa", soa, outcome::implied},
    {"0.d.f.ip6.arpa", soa, outcome::implied},
    {"10.in-addr.arpa", ptr, outcome::name_error}, // as CoreDNS, see DEPARTURES.md
    {"256.in-addr.arpa", soa, outcome::name_error},
    {"x.10.in-addr.arpa", soa, outcome::name_error},
    {"x.0.10.1.10.in-addr.arpa", soa, outcome::name_error},
    {"10.d.f.ip6.arpa", soa, outcome::name_error},
  };
  for (auto& row : table) {
    const auto reply = w.ask(row.name, row.type);
    EXPECT_EQ(reply.what, row.expected) << row.name << " type " << static_cast<int>(row.type);
    if (row.expected == outcome::implied) {
      EXPECT_TRUE(reply.text.starts_with("NOERROR aa |  | ")) << row.name << ": " << reply.text;
    }
  }
}

/// As in CoreDNS: a dot parts labels, since a label with a dot in it is no host name to Go's resolver and others, who
/// then refuse the whole answer (RFC 1123 section 2.1). What is no name leaves the address.
TEST(zone_implied, dots_in_a_pods_name_part_labels) {
  const small_world w = make_world();
  EXPECT_EQ(w.ask("1.0.1.10.in-addr.arpa", ptr).text,
            "NOERROR aa | 1.0.1.10.in-addr.arpa. 5 PTR static-node1.example.org.peers.n.svc.cluster.local. |  | ");
  EXPECT_EQ(w.ask("2.0.1.10.in-addr.arpa", ptr).text,
            "NOERROR aa | 2.0.1.10.in-addr.arpa. 5 PTR plain.peers.n.svc.cluster.local. |  | ");
  const std::string srvs = w.ask("peers.n.svc.cluster.local", srv).text;
  for (const char* target :
       {" static-node1.example.org.peers.n.", " plain.peers.n.", " 10-1-0-3.peers.n.", " 10-1-0-4.peers.n."})
    EXPECT_NE(srvs.find(target), srvs.npos) << target << " in " << srvs;
  EXPECT_NE(srvs.find("; static-node1.example.org.peers.n.svc.cluster.local. 5 A 10.1.0.1"), srvs.npos) << srvs;
}

} // namespace
} // namespace troupe::zone
