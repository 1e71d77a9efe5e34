// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/question_rows.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using enum dns::rrtype;

namespace {

const std::string authority =
  "example.org. 7 SOA ns1.dns.example.org. hostmaster.dns.example.org. 1700000000 7200 1800 86400 7";
const std::string nodata = "NOERROR aa |  | " + authority + " | ";
const std::string denied = "NXDOMAIN aa |  | " + authority + " | ";

/// `kubernetes` with ttl 9 and `k8s_external example.org in-addr.arpa ip6.arpa` with ttl 7.
small_world make_world(bool headless_too = false) {
  small_world w;
  w.how.zones = {text_name("example.org"), text_name("in-addr.arpa"), text_name("ip6.arpa")};
  w.how.primary = 0;
  w.how.ttl = 9;
  w.how.external = external_names{*dns::name::from_text("dns"), 7, headless_too};
  w.add_namespace("shop");
  const kube::port http{"http", "tcp", 80}, https{"https", "tcp", 443}, dns_udp{"dns", "udp", 53};
  for (auto& s : {
         outside(cluster_ip("shop", "one", {"10.96.0.1"}, {http}), {"1.2.3.4"}),
         outside(cluster_ip("shop", "two", {"10.96.0.2"}, {http, https}), {"1.2.3.5", "1.2.3.6", "2001:db8::5"}),
         outside(cluster_ip("shop", "same", {"10.96.0.3"}, {http}), {"1.2.3.7", "1.2.3.7"}),
         outside(cluster_ip("shop", "portless", {"10.96.0.4"}, {}), {"1.2.3.8"}),
         outside(cluster_ip("shop", "named", {"10.96.0.5"}, {http, https}), {}, {"lb.example.net", "lb2.example.net"}),
         outside(cluster_ip("shop", "mixed", {"10.96.0.6"}, {http}), {"1.2.3.9"}, {"lb.example.net"}),
         outside(cluster_ip("shop", "self", {"10.96.0.7"}, {http}), {}, {"Self.shop.example.org"}),
         cluster_ip("shop", "inside", {"10.96.0.8"}, {http}),
         outside(headless("shop", "peers", {http}), {}),
         outside(headless("shop", "both", {http}), {"1.2.3.10"}),
         outside(external("shop", "alias", "www.example.com"), {"1.2.3.11"}),
         outside(cluster_ip("dark", "hidden", {"10.96.0.9"}, {http}), {"1.2.3.12"}),
         outside(cluster_ip("shop", "udp", {"10.96.0.10"}, {dns_udp}), {"1.2.3.4"}),
       })
    w.apply(upsert(s));
  w.apply(upsert(slice("shop", "peers", "peers-1",
                       {endpoint({"10.244.0.1"}, "peer-0"), endpoint({"10.244.0.2"}), endpoint({"fd00::1"}, "peer-0")},
                       {http, https})));
  w.apply(upsert(slice("shop", "inside", "inside-1", {endpoint({"10.244.0.9"}, "in-0")}, {http})));
  w.apply(upsert(slice("shop", "both", "both-1", {endpoint({"10.244.0.8"}, "b-0")}, {http})));
  w.synced();
  w.touched(1700000000);
  w.build();
  return w;
}

} // namespace

TEST(zone_external, addresses) {
  check(make_world(),
        {
          {"one.shop.example.org", a, positive("one.shop.example.org. 7 A 1.2.3.4")},
          {"One.SHOP.Example.org", a, positive("One.SHOP.Example.org. 7 A 1.2.3.4")},
          {"one.shop.example.org", aaaa, nodata},
          {"two.shop.example.org", a, positive("two.shop.example.org. 7 A 1.2.3.5; two.shop.example.org. 7 A 1.2.3.6")},
          {"two.shop.example.org", aaaa, positive("two.shop.example.org. 7 AAAA 2001:db8::5")},
          {"same.shop.example.org", a, positive("same.shop.example.org. 7 A 1.2.3.7")},
          {"portless.shop.example.org", a, positive("portless.shop.example.org. 7 A 1.2.3.8")},
          {"_http._tcp.one.shop.example.org", a, positive("_http._tcp.one.shop.example.org. 7 A 1.2.3.4")},
          {"http.tcp.one.shop.example.org", a, positive("http.tcp.one.shop.example.org. 7 A 1.2.3.4")},
          {"_http._udp.one.shop.example.org", a, denied},
          {"_http._tcp.portless.shop.example.org", a, denied},
          {"alias.shop.example.org", a, positive("alias.shop.example.org. 7 A 1.2.3.11")},
          {"both.shop.example.org", a, positive("both.shop.example.org. 7 A 1.2.3.10")},
          // An endpoint in front changes nothing (choice::external_ignores_endpoints).
          {"whatever.one.shop.example.org", a, positive("whatever.one.shop.example.org. 7 A 1.2.3.4")},
          {"inside.shop.example.org", a, denied},
          {"in-0.inside.shop.example.org", a, denied},
          {"peers.shop.example.org", a, denied},
          {"absent.shop.example.org", a, denied},
          {"hidden.dark.example.org", a, denied},
          {"one.absent.example.org", a, denied},
          {"a.b.c.one.shop.example.org", a, denied},
          {"one.shop.svc.example.org", a, denied},
          {"shop.example.org", a, nodata},
          {"dark.example.org", a, denied},
          {"absent.example.org", a, denied},
        });
}

TEST(zone_external, other_types_tell_existing_names_from_others) {
  const small_world w = make_world();
  for (auto type : {mx, txt, cname, ptr, ns, soa, any, https, hinfo}) {
    EXPECT_EQ(w.ask("one.shop.example.org", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("named.shop.example.org", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("shop.example.org", type).text, nodata) << static_cast<int>(type);
    EXPECT_EQ(w.ask("absent.shop.example.org", type).text, denied) << static_cast<int>(type);
    EXPECT_EQ(w.ask("absent.example.org", type).text, denied) << static_cast<int>(type);
  }
}

TEST(zone_external, srv) {
  check(
    make_world(),
    {
      {"one.shop.example.org", srv,
       positive("one.shop.example.org. 9 SRV 0 100 80 one.shop.example.org.", "one.shop.example.org. 7 A 1.2.3.4")},
      {"_http._tcp.two.shop.example.org", srv,
       positive("_http._tcp.two.shop.example.org. 9 SRV 0 33 80 two.shop.example.org.",
                "two.shop.example.org. 7 A 1.2.3.5; two.shop.example.org. 7 A 1.2.3.6; "
                "two.shop.example.org. 7 AAAA 2001:db8::5")},
      // CoreDNS counts what it then leaves out as repeated.
      {"same.shop.example.org", srv,
       positive("same.shop.example.org. 9 SRV 0 50 80 same.shop.example.org.", "same.shop.example.org. 7 A 1.2.3.7")},
      {"portless.shop.example.org", srv, nodata},
      {"_dns._tcp.one.shop.example.org", srv, denied},
      // Targets are in lower case, as CoreDNS has them.
      {"One.shop.EXAMPLE.org", srv,
       positive("One.shop.EXAMPLE.org. 9 SRV 0 100 80 one.shop.example.org.", "one.shop.example.org. 7 A 1.2.3.4")},
      {"_http._tcp.mixed.shop.example.org", srv,
       positive("_http._tcp.mixed.shop.example.org. 9 SRV 0 50 80 lb.example.net.; "
                "_http._tcp.mixed.shop.example.org. 9 SRV 0 50 80 mixed.shop.example.org.",
                "mixed.shop.example.org. 7 A 1.2.3.9")},
    });
}

TEST(zone_external, names_of_load_balancers_are_aliases) {
  const small_world w = make_world();
  const struct {
    const char* name;
    dns::rrtype type;
    std::string answer;
    const char* target;
  } rows[] = {
    {"named.shop.example.org", a, "named.shop.example.org. 9 CNAME lb.example.net.", "lb.example.net."},
    {"named.shop.example.org", aaaa, "named.shop.example.org. 9 CNAME lb.example.net.", "lb.example.net."},
    {"mixed.shop.example.org", a,
     "mixed.shop.example.org. 7 A 1.2.3.9; mixed.shop.example.org. 9 CNAME lb.example.net.", "lb.example.net."},
    {"mixed.shop.example.org", aaaa, "mixed.shop.example.org. 9 CNAME lb.example.net.", "lb.example.net."},
  };
  for (const auto& r : rows) {
    const auto reply = w.ask(r.name, r.type);
    EXPECT_EQ(reply.what, outcome::external) << r.name;
    EXPECT_EQ(reply.text, positive(r.answer)) << r.name;
    EXPECT_EQ(reply.target, r.target) << r.name;
  }
  const auto srv_reply = w.ask("_http._tcp.named.shop.example.org", srv);
  EXPECT_EQ(srv_reply.what, outcome::external);
  EXPECT_EQ(srv_reply.text, positive("_http._tcp.named.shop.example.org. 9 SRV 0 50 80 lb.example.net.; "
                                     "_http._tcp.named.shop.example.org. 9 SRV 0 50 80 lb2.example.net."));
  EXPECT_EQ(w.ask("self.shop.example.org", a).text, nodata) << "an alias of itself";
}

TEST(zone_external, headless_services_answer_with_their_endpoints) {
  check(make_world(true),
        {
          {"peers.shop.example.org", a,
           positive("peers.shop.example.org. 7 A 10.244.0.1; peers.shop.example.org. 7 A 10.244.0.2")},
          {"peers.shop.example.org", aaaa, positive("peers.shop.example.org. 7 AAAA fd00::1")},
          {"peer-0.peers.shop.example.org", a, positive("peer-0.peers.shop.example.org. 7 A 10.244.0.1")},
          {"_peer-0.peers.shop.example.org", a, positive("_peer-0.peers.shop.example.org. 7 A 10.244.0.1")},
          {"10-244-0-2.peers.shop.example.org", a, positive("10-244-0-2.peers.shop.example.org. 7 A 10.244.0.2")},
          {"10-244-0-2.peers.shop.example.org", aaaa, nodata},
          {"none.peers.shop.example.org", a, denied},
          {"peer-0.peers.shop.example.org", srv,
           positive("peer-0.peers.shop.example.org. 9 SRV 0 25 443 peer-0.peers.shop.example.org.; "
                    "peer-0.peers.shop.example.org. 9 SRV 0 25 80 peer-0.peers.shop.example.org.",
                    "peer-0.peers.shop.example.org. 7 A 10.244.0.1; "
                    "peer-0.peers.shop.example.org. 7 AAAA fd00::1")},
          {"_http._tcp.peers.shop.example.org", srv,
           positive("_http._tcp.peers.shop.example.org. 9 SRV 0 33 80 10-244-0-2.peers.shop.example.org.; "
                    "_http._tcp.peers.shop.example.org. 9 SRV 0 33 80 peer-0.peers.shop.example.org.",
                    "10-244-0-2.peers.shop.example.org. 7 A 10.244.0.2; "
                    "peer-0.peers.shop.example.org. 7 A 10.244.0.1; "
                    "peer-0.peers.shop.example.org. 7 AAAA fd00::1")},
          {"_none._tcp.peers.shop.example.org", srv, denied},
          {"_tcp.peers.shop.example.org", a, nodata},
          {"_udp.peers.shop.example.org", a, denied},
          {"_tcp.inside.shop.example.org", a, denied},
          // External addresses win; a service with a ClusterIP has endpoints only below it.
          {"both.shop.example.org", a, positive("both.shop.example.org. 7 A 1.2.3.10")},
          {"inside.shop.example.org", a, denied},
          {"in-0.inside.shop.example.org", a, positive("in-0.inside.shop.example.org. 7 A 10.244.0.9")},
        });
  small_world without = make_world(true);
  without.how.noendpoints = true;
  check(without, {{"peers.shop.example.org", a, denied}, {"peer-0.peers.shop.example.org", a, denied}});
}

TEST(zone_external, reverse_names) {
  const std::string reverse_denied = "NXDOMAIN aa |  | in-addr.arpa. 7 SOA ns1.dns.in-addr.arpa. "
                                     "hostmaster.dns.in-addr.arpa. 1700000000 7200 1800 86400 7 | ";
  small_world w = make_world();
  check(w, {
             {"5.3.2.1.in-addr.arpa", ptr, positive("5.3.2.1.in-addr.arpa. 7 PTR two.shop.example.org.")},
             {"4.3.2.1.in-addr.arpa", ptr,
              positive("4.3.2.1.in-addr.arpa. 7 PTR one.shop.example.org.; "
                       "4.3.2.1.in-addr.arpa. 7 PTR udp.shop.example.org.")},
             {"7.3.2.1.in-addr.arpa", ptr, positive("7.3.2.1.in-addr.arpa. 7 PTR same.shop.example.org.")},
             {"5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", ptr,
              positive("5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 7 PTR "
                       "two.shop.example.org.")},
             // Hidden namespaces show here, as in CoreDNS, unless there is a list of namespaces.
             {"12.3.2.1.in-addr.arpa", ptr, positive("12.3.2.1.in-addr.arpa. 7 PTR hidden.dark.example.org.")},
             {"1.0.96.10.in-addr.arpa", ptr, reverse_denied},
             {"1.0.244.10.in-addr.arpa", ptr, reverse_denied},
             {"5.3.2.1.in-addr.arpa", a, "NOERROR" + reverse_denied.substr(8)},
             {"9.9.2.1.in-addr.arpa", a, reverse_denied},
             {"3.2.1.in-addr.arpa", ptr, reverse_denied},
           });
  w.how.namespaces = {"dark"};
  check(w, {{"5.3.2.1.in-addr.arpa", ptr, reverse_denied}, {"12.3.2.1.in-addr.arpa", ptr, reverse_denied}});
}

TEST(zone_external, the_internal_zone_does_not_see_external_addresses) {
  small_world w = make_world();
  w.how.external.reset();
  w.how.zones = {text_name("cluster.local"), text_name("in-addr.arpa")};
  EXPECT_EQ(w.ask("5.3.2.1.in-addr.arpa", ptr).read.rcode, 3);
  EXPECT_EQ(w.ask("2.0.96.10.in-addr.arpa", ptr).text,
            positive("2.0.96.10.in-addr.arpa. 9 PTR two.shop.svc.cluster.local."));
}

TEST(zone_external, apex) {
  small_world w = make_world();
  w.how.local_addresses = {ip("192.0.2.1"), ip("2001:db8::53")};
  const std::string soa_text = authority;
  check(w, {
             {"example.org", soa, positive(soa_text)},
             {"example.org", a, nodata},
             {"example.org", txt, nodata},
             {"example.org", ns,
              positive("example.org. 7 NS ns1.dns.example.org.",
                       "ns1.dns.example.org. 7 A 192.0.2.1; ns1.dns.example.org. 7 AAAA 2001:db8::53")},
             // The zone is in lower case, the glue as it was asked.
             {"Example.ORG", ns,
              positive("example.org. 7 NS ns1.dns.example.org.",
                       "ns1.dns.Example.ORG. 7 A 192.0.2.1; ns1.dns.Example.ORG. 7 AAAA 2001:db8::53")},
             {"ns1.dns.example.org", a, positive("ns1.dns.example.org. 7 A 192.0.2.1")},
             {"NS1.dns.Example.org", aaaa, positive("NS1.dns.Example.org. 7 AAAA 2001:db8::53")},
             {"ns1.dns.example.org", txt, nodata},
             {"dns.example.org", a, nodata},
             {"dns.example.org", txt, nodata},
             {"ns2.dns.example.org", a, denied},
             {"x.ns1.dns.example.org", a, denied},
             {"svc.dns.example.org", srv, denied},
           });
  w.how.external->apex = *dns::name::from_text("The.Apex");
  check(w, {
             {"example.org", soa,
              positive("example.org. 7 SOA ns1.The.Apex.example.org. hostmaster.The.Apex.example.org. 1700000000 7200 "
                       "1800 86400 7")},
             {"ns1.the.apex.example.org", a, positive("ns1.the.apex.example.org. 7 A 192.0.2.1")},
             {"the.apex.example.org", a,
              "NOERROR aa |  | example.org. 7 SOA ns1.The.Apex.example.org. hostmaster.The.Apex.example.org. "
              "1700000000 7200 1800 86400 7 | "},
           });
}

TEST(zone_external, the_name_server_is_known_by_the_addresses_of_its_service) {
  small_world w = make_world();
  w.apply(upsert(outside(cluster_ip("shop", "resolver", {"10.96.0.53"}, {{"dns", "udp", 53}}), {"203.0.113.53"})));
  w.apply(upsert(slice("shop", "resolver", "resolver-1", {endpoint({"192.0.2.1"})}, {{"dns", "udp", 53}})));
  w.how.local_addresses = {ip("192.0.2.1")};
  w.build();
  EXPECT_EQ(w.ask("ns1.dns.example.org", a).text, positive("ns1.dns.example.org. 7 A 203.0.113.53"));
  w.how.noendpoints = true;
  EXPECT_EQ(w.ask("ns1.dns.example.org", a).text, positive("ns1.dns.example.org. 7 A 192.0.2.1"));
}

TEST(zone_external, names_are_not_denied_before_the_first_sync) {
  small_world w;
  w.how.zones = {text_name("example.org")};
  w.how.external = external_names{*dns::name::from_text("dns"), 7, false};
  w.build();
  EXPECT_EQ(w.ask("one.shop.example.org", a).read.rcode, 2);
  EXPECT_EQ(w.ask("x.dns.example.org", a).read.rcode, 3) << "whatever comes, this never exists";
}

TEST(zone_external, changes_of_external_addresses_show_and_move_the_serial) {
  keeper k{"shop"};
  k.apply(upsert(cluster_ip("shop", "one", {"10.96.0.1"}, {})));
  k.build();
  struct {
    kube::service next;
    bool changes;
    size_t rows;
  } steps[] = {
    {outside(cluster_ip("shop", "one", {"10.96.0.1"}, {}), {"1.2.3.4"}), true, 1},
    {outside(cluster_ip("shop", "one", {"10.96.0.1"}, {}), {"1.2.3.4"}), false, 0},
    {outside(cluster_ip("shop", "one", {"10.96.0.1"}, {}), {"1.2.3.5"}), true, 2},
    {outside(cluster_ip("shop", "one", {"10.96.0.1"}, {}), {"1.2.3.5"}, {"lb.example.net"}), true, 0},
    {cluster_ip("shop", "one", {"10.96.0.1"}, {}), true, 1},
  };
  for (auto& s : steps) {
    k.apply(upsert(s.next));
    const auto built = k.build();
    EXPECT_EQ(built.table != nullptr, s.changes);
    EXPECT_EQ(built.alters_dns, s.changes);
    EXPECT_EQ(built.reverse.size(), s.rows);
  }
}

TEST(zone_external, keepers_without_it_keep_nothing) {
  auto keep = kube::kept::all();
  keep.external = false;
  keeper k{"shop", nullptr, keep};
  k.apply(upsert(outside(cluster_ip("shop", "one", {"10.96.0.1"}, {}), {"1.2.3.4"}, {"lb.example.net"})));
  const auto built = k.build();
  ASSERT_TRUE(built.table);
  EXPECT_EQ((*built.table->find(octets_of("one")))->service()->outside, nullptr);
  EXPECT_EQ(built.reverse.size(), 1u) << "the cluster IP alone";
}
