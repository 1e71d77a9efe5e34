// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/transfer_world.hpp"

#include <set>

namespace troupe::zone::test {
namespace {

class TransferTest : public ::testing::Test, public transfer_world {};

TEST_F(TransferTest, ApexOfAnEmptyZone) {
  world.how.local_addresses = {ip("192.0.2.1"), ip("2001:db8::1")};
  EXPECT_EQ(
    all_of(ask("cluster.local")),
    (records{"cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5",
             "cluster.local. 5 NS ns.dns.cluster.local.", "ns.dns.cluster.local. 5 A 192.0.2.1",
             "ns.dns.cluster.local. 5 AAAA 2001:db8::1", "dns-version.cluster.local. 28800 TXT 1.1.0",
             "cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5"}));
  EXPECT_EQ(sizes.size(), 1u);
}

/// The SOA's own TTL has a bound, its minimum has none; and a zone always has an NS.
TEST_F(TransferTest, ApexWithoutAddresses) {
  world.how.ttl = 3600;
  EXPECT_EQ(zone("cluster.local"),
            (records{"cluster.local. 3600 NS ns.dns.cluster.local.", "dns-version.cluster.local. 28800 TXT 1.1.0"}));
  EXPECT_NE(all_of(ask("cluster.local")).front().find(" 300 SOA "), std::string::npos);
}

struct example {
  const char* label;
  std::vector<kube::change> objects;
  records expected;
};

TEST_F(TransferTest, ServicesOfEachKind) {
  const kube::port http{"http", "tcp", 80}, dns_udp{"dns", "udp", 53}, dns_tcp{"dns-tcp", "tcp", 53},
    bare{"", "tcp", 81};
  const example table[] = {
    {"cluster IPs of both families, ports with and without a name, one number twice",
     {upsert(cluster_ip("default", "web", {"10.96.0.1", "fd00::1"}, {dns_udp, dns_tcp, bare}))},
     {"web.default.svc.cluster.local. 5 A 10.96.0.1", "web.default.svc.cluster.local. 5 AAAA fd00::1",
      "web.default.svc.cluster.local. 5 SRV 0 100 53 web.default.svc.cluster.local.",
      "_dns._udp.web.default.svc.cluster.local. 5 SRV 0 100 53 web.default.svc.cluster.local.",
      "_dns-tcp._tcp.web.default.svc.cluster.local. 5 SRV 0 100 53 web.default.svc.cluster.local.",
      "web.default.svc.cluster.local. 5 SRV 0 100 81 web.default.svc.cluster.local."}},
    {"endpoints behind a cluster IP are not said",
     {upsert(cluster_ip("default", "web", {"10.96.0.1"}, {})),
      upsert(slice("default", "web", "web-1", {endpoint({"10.244.0.1"}, "host")}, {http}))},
     {"web.default.svc.cluster.local. 5 A 10.96.0.1"}},
    {"headless, by hostname and by address",
     {upsert(headless("default", "db", {http})),
      upsert(
        slice("default", "db", "db-1", {endpoint({"10.244.0.1"}, "db-0"), endpoint({"10.244.0.2"})}, {http, bare}))},
     {"db.default.svc.cluster.local. 5 A 10.244.0.1", "db.default.svc.cluster.local. 5 A 10.244.0.2",
      "db-0.db.default.svc.cluster.local. 5 A 10.244.0.1",
      "_http._tcp.db.default.svc.cluster.local. 5 SRV 0 50 80 db-0.db.default.svc.cluster.local.",
      "10-244-0-2.db.default.svc.cluster.local. 5 A 10.244.0.2",
      "_http._tcp.db.default.svc.cluster.local. 5 SRV 0 50 80 10-244-0-2.db.default.svc.cluster.local."}},
    {"one endpoint in two slices, and both families under one hostname: each record once",
     {upsert(headless("default", "db")), upsert(slice("default", "db", "a", {endpoint({"10.244.0.1"}, "x")}, {http})),
      upsert(slice("default", "db", "b", {endpoint({"10.244.0.1"}, "x")}, {http})),
      upsert(slice("default", "db", "c", {endpoint({"fd00::7"}, "x")}, {http}))},
     {"db.default.svc.cluster.local. 5 A 10.244.0.1", "db.default.svc.cluster.local. 5 AAAA fd00::7",
      "x.db.default.svc.cluster.local. 5 A 10.244.0.1",
      "_http._tcp.db.default.svc.cluster.local. 5 SRV 0 100 80 x.db.default.svc.cluster.local.",
      "x.db.default.svc.cluster.local. 5 AAAA fd00::7"}},
    {"an alias",
     {upsert(external("default", "out", "Www.Example.com"))},
     {"out.default.svc.cluster.local. 5 CNAME Www.Example.com."}},
    {"an alias that is an address", {upsert(external("default", "out", "192.0.2.1"))}, {}},
    {"headless without endpoints", {upsert(headless("default", "db", {http}))}, {}},
    {"slices without a service", {upsert(slice("default", "gone", "g", {endpoint({"10.244.0.9"})}, {http}))}, {}},
    {"by name across namespaces, then by namespace",
     {upsert(kube::namespace_object{"apart", ""}), upsert(cluster_ip("default", "b", {"10.96.0.2"}, {})),
      upsert(cluster_ip("apart", "c", {"10.96.0.3"}, {})), upsert(cluster_ip("default", "a", {"10.96.0.1"}, {})),
      upsert(cluster_ip("apart", "b", {"10.96.0.4"}, {}))},
     {"a.default.svc.cluster.local. 5 A 10.96.0.1", "b.apart.svc.cluster.local. 5 A 10.96.0.4",
      "b.default.svc.cluster.local. 5 A 10.96.0.2", "c.apart.svc.cluster.local. 5 A 10.96.0.3"}},
    {"a namespace that does not exist", {upsert(cluster_ip("ghost", "web", {"10.96.0.1"}, {}))}, {}},
  };
  for (const example& e : table) {
    transfer_world other;
    for (const auto& change : e.objects)
      other.world.apply(change);
    EXPECT_EQ(other.services(), e.expected) << e.label;
  }
}

TEST_F(TransferTest, WhatOptionsHideIsNotGivenAway) {
  world.add_namespace("secret");
  world.apply(upsert(cluster_ip("default", "empty", {"10.96.0.1"}, {})));
  world.apply(upsert(cluster_ip("secret", "web", {"10.96.0.2"}, {})));
  world.apply(upsert(headless("default", "db")));
  world.apply(upsert(slice("default", "db", "db-1", {endpoint({"10.244.0.1"}, "", "pod-1")})));
  EXPECT_EQ(services().size(), 4u);
  world.how.namespaces = {"default"};
  EXPECT_EQ(services().size(), 3u);
  world.how.endpoint_pod_names = true;
  EXPECT_EQ(services().at(1), "pod-1.db.default.svc.cluster.local. 5 A 10.244.0.1");
  world.how.ignore_empty_service = true;
  EXPECT_EQ(services().size(), 2u);
  world.how.noendpoints = true;
  EXPECT_EQ(services().size(), 0u);
}

/// CNAME of an FQDN slice: as questions are answered.
TEST_F(TransferTest, NamesOfAnFqdnSlice) {
  kube::endpoint named;
  named.fqdn = "one.example.com";
  world.apply(upsert(headless("default", "far")));
  world.apply(upsert(slice("default", "far", "f", {named}, {{"http", "tcp", 80}})));
  EXPECT_EQ(services().front(), "far.default.svc.cluster.local. 5 CNAME one.example.com.");
  for (const std::string& r : services())
    EXPECT_EQ(r.find("SRV"), std::string::npos) << r;
}

/// A service that the server itself is an endpoint of is its name server; what the services say is not said twice.
TEST_F(TransferTest, NameServersThatAreServices) {
  world.add_namespace("kube-system");
  world.how.local_addresses = {ip("10.244.0.53")};
  world.apply(upsert(cluster_ip("kube-system", "kube-dns", {"10.96.0.10"}, {})));
  world.apply(upsert(slice("kube-system", "kube-dns", "d", {endpoint({"10.244.0.53"})})));
  const records shown{"cluster.local. 5 NS kube-dns.kube-system.svc.cluster.local.",
                      "kube-dns.kube-system.svc.cluster.local. 5 A 10.96.0.10"};
  EXPECT_EQ(without(zone("cluster.local"), {"TXT"}), shown);
  world.how.namespaces = {"default"};
  EXPECT_EQ(without(zone("cluster.local"), {"TXT"}), shown) << "its address is needed all the same";
}

TEST_F(TransferTest, ReverseZones) {
  world.apply(upsert(cluster_ip("default", "web", {"10.96.0.1", "fd00::1"}, {})));
  world.apply(upsert(headless("default", "db")));
  world.apply(upsert(slice("default", "db", "d", {endpoint({"10.244.0.1"}, "db-0"), endpoint({"192.168.0.1"})})));
  world.how.local_addresses = {ip("192.0.2.1")};
  records got = zone("10.in-addr.arpa");
  std::ranges::sort(got);
  EXPECT_EQ(got, (records{"1.0.244.10.in-addr.arpa. 5 PTR db-0.db.default.svc.cluster.local.",
                          "1.0.96.10.in-addr.arpa. 5 PTR web.default.svc.cluster.local.",
                          "10.in-addr.arpa. 5 NS ns.dns.10.in-addr.arpa.", "ns.dns.10.in-addr.arpa. 5 A 192.0.2.1"}));
  got = without(zone("ip6.arpa"), {" NS ", "ns.dns."});
  EXPECT_EQ(got, (records{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 5 PTR "
                          "web.default.svc.cluster.local."}));
}

/// Owners have the zone's spelling, whatever the question's (RFC 5936 section 3.4).
TEST_F(TransferTest, SpellingOfTheQuestion) {
  world.apply(upsert(cluster_ip("default", "web", {"10.96.0.1"}, {{"http", "tcp", 80}})));
  EXPECT_EQ(all_of(ask("Cluster.LOCAL")), all_of(ask("cluster.local")));
}

TEST_F(TransferTest, RootAsAZone) {
  world.how.zones = {text_name(".")};
  world.apply(upsert(cluster_ip("default", "web", {"10.96.0.1"}, {{"http", "tcp", 80}})));
  EXPECT_EQ(services("."),
            (records{"web.default.svc. 5 A 10.96.0.1", "web.default.svc. 5 SRV 0 100 80 web.default.svc.",
                     "_http._tcp.web.default.svc. 5 SRV 0 100 80 web.default.svc."}));
}

/// Names that would be longer than 255 octets are left out, the others are not.
TEST_F(TransferTest, NamesThatDoNotFit) {
  const std::string label(63, 'x');
  const std::string zone_name = label + "." + label + "." + std::string(35, 'z');
  world.how.zones = {text_name(zone_name)};
  world.apply(upsert(cluster_ip("default", label, {"10.96.0.1"}, {{std::string(15, 'p'), "tcp", 80}})));
  EXPECT_EQ(services(zone_name).size(), 2u) << "A and SRV at the name, none at the port's";
  world.how.zones = {text_name(zone_name + "." + std::string(30, 'y'))};
  EXPECT_EQ(services(zone_name + "." + std::string(30, 'y')).size(), 0u);
}

TEST_F(TransferTest, IncrementalQuestions) {
  struct {
    const char* label;
    std::optional<uint32_t> theirs;
    uint32_t ours;
    bool whole;
  } const rows[] = {
    {"the same", 1'700'000'000, 1'700'000'000, false},
    {"older", 1'699'999'999, 1'700'000'000, true},
    {"newer", 1'700'000'001, 1'700'000'000, false},
    {"older, around the end of the numbers", 0xfffffff0, 1'700'000'000, true},
    {"newer, around the end of the numbers", 5, 0xfffffff0, false},
    {"nothing, which CoreDNS takes for AXFR", 0, 0, true},
    {"without an SOA", std::nullopt, 1'700'000'000, true},
  };
  for (const auto& row : rows) {
    transfer_world fresh;
    fresh.world.builder() = root_builder{};
    fresh.world.touched(row.ours);
    const records got = fresh.all_of(fresh.ask("cluster.local", dns::rrtype::ixfr, row.theirs));
    EXPECT_EQ(got.size() > 1, row.whole) << row.label;
    EXPECT_NE(got.front().find("SOA"), std::string::npos) << row.label;
  }
}

/// Many messages: each record once, whatever comes meanwhile, and with OPT in each if the question had one.
TEST_F(TransferTest, BigZoneWhileItChanges) {
  edns = true;
  constexpr int services = 3000, endpoints = 5000;
  for (int i = 0; i < services; ++i)
    world.apply(upsert(cluster_ip("default", "s" + std::to_string(i),
                                  {"10.96." + std::to_string(i / 250) + "." + std::to_string(i % 250)}, {})));
  world.apply(upsert(headless("default", "big")));
  for (int part = 0; part < endpoints / 100; ++part) {
    std::vector<kube::endpoint> some;
    for (int i = 0; i < 100; ++i)
      some.push_back(endpoint({"10.1." + std::to_string(part) + "." + std::to_string(i)}));
    world.apply(upsert(slice("default", "big", "big-" + std::to_string(part), some, {{"http", "tcp", 80}})));
  }
  transfer running = ask("cluster.local");
  std::vector<uint8_t> buffer(dns::max_message_octets);
  std::set<std::string> seen;
  size_t messages = 0, count = 0;
  for (bool last = false; !last;) {
    const auto made = running.next(buffer);
    last = made.last;
    if (made.octets == 0)
      continue;
    ++messages;
    ASSERT_EQ(buffer[11], 1) << "one record in the additional section";
    buffer[11] = 0;
    const auto read = test::read(std::span{buffer}.first(made.octets - 11));
    ASSERT_TRUE(read) << messages;
    count += read->answer.size();
    seen.insert(read->answer.begin(), read->answer.end());
    world.apply(removal(cluster_ip("default", "s" + std::to_string(messages), {}, {})));
    publish();
  }
  const size_t expected = 2 + 1 + 1 + services + 3 * endpoints; // SOA, NS, TXT, A; A twice and SRV for each endpoint
  EXPECT_EQ(count, expected);
  EXPECT_EQ(seen.size(), expected - 1) << "the SOA comes twice, nothing else does";
  EXPECT_EQ(running.records(), expected);
  EXPECT_GT(messages, 10u);
}

} // namespace
} // namespace troupe::zone::test
