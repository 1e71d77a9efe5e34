// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/transfer_world.hpp"

#include <map>
#include <set>

namespace troupe::zone::test {
namespace {

/// `kubernetes` with ttl 9 and `k8s_external example.org` with ttl 7 and `headless`.
class ExternalTransferTest : public ::testing::Test, public transfer_world {
public:
  ExternalTransferTest() { make(*this); }

  static void make(transfer_world& w) {
    w.world.how.zones = {text_name("example.org")};
    w.world.how.primary = 0;
    w.world.how.ttl = 9;
    w.world.how.external = external_names{*dns::name::from_text("dns"), 7, true};
    w.world.how.local_addresses = {ip("192.0.2.1")};
  }
};

const kube::port http{"http", "tcp", 80}, https{"https", "tcp", 443}, dns_udp{"dns", "udp", 53},
  dns_tcp{"dns", "tcp", 53}, bare{"", "tcp", 81};

TEST_F(ExternalTransferTest, Apex) {
  EXPECT_EQ(
    all_of(ask("example.org")),
    (records{"example.org. 7 SOA ns1.dns.example.org. hostmaster.dns.example.org. 1700000000 7200 1800 86400 7",
             "example.org. 7 NS ns1.dns.example.org.", "ns1.dns.example.org. 7 A 192.0.2.1",
             "example.org. 7 SOA ns1.dns.example.org. hostmaster.dns.example.org. 1700000000 7200 1800 86400 7"}));
  world.how.external->apex = *dns::name::from_text("The.Apex");
  EXPECT_EQ(zone("example.org"),
            (records{"example.org. 7 NS ns1.The.Apex.example.org.", "ns1.The.Apex.example.org. 7 A 192.0.2.1"}));
}

TEST_F(ExternalTransferTest, IncrementalOfTheSameSerial) {
  EXPECT_EQ(all_of(ask("example.org", dns::rrtype::ixfr, 1'700'000'000)).size(), 1u);
  EXPECT_EQ(all_of(ask("example.org", dns::rrtype::ixfr, 1'699'999'999)).size(), 4u);
}

struct example {
  const char* label;
  std::vector<kube::change> objects;
  records expected;
};

const example examples[] = {
  {"addresses, ports with and without a name, one number twice",
   {upsert(outside(cluster_ip("default", "web", {"10.96.0.1"}, {dns_udp, dns_tcp, bare}), {"1.2.3.4", "2001:db8::4"}))},
   {"web.default.example.org. 7 A 1.2.3.4", "web.default.example.org. 7 AAAA 2001:db8::4",
    "web.default.example.org. 9 SRV 0 16 53 web.default.example.org.",
    "_dns._udp.web.default.example.org. 9 SRV 0 50 53 web.default.example.org.",
    "_dns._tcp.web.default.example.org. 9 SRV 0 50 53 web.default.example.org.",
    "web.default.example.org. 9 SRV 0 16 81 web.default.example.org."}},
  {"an address twice",
   {upsert(outside(cluster_ip("default", "web", {"10.96.0.1"}, {}), {"1.2.3.4", "1.2.3.4"}))},
   {"web.default.example.org. 7 A 1.2.3.4"}},
  {"names of load balancers: the first is the alias, and stands alone; SRV at the port's name",
   {upsert(outside(cluster_ip("default", "web", {"10.96.0.1"}, {http}), {}, {"lb.example.net", "lb2.example.net"}))},
   {"web.default.example.org. 9 CNAME lb.example.net.",
    "_http._tcp.web.default.example.org. 9 SRV 0 50 80 lb.example.net.",
    "_http._tcp.web.default.example.org. 9 SRV 0 50 80 lb2.example.net."}},
  {"a name beside addresses is no alias",
   {upsert(outside(cluster_ip("default", "web", {"10.96.0.1"}, {bare}), {"1.2.3.4"}, {"lb.example.net"}))},
   {"web.default.example.org. 7 A 1.2.3.4", "web.default.example.org. 9 SRV 0 50 81 web.default.example.org.",
    "web.default.example.org. 9 SRV 0 50 81 lb.example.net."}},
  {"a name that is the service's own",
   {upsert(outside(cluster_ip("default", "self", {"10.96.0.1"}, {}), {}, {"Self.Default.example.org"}))},
   {}},
  {"nothing external", {upsert(cluster_ip("default", "web", {"10.96.0.1"}, {http}))}, {}},
  {"an alias of the cluster with an address",
   {upsert(outside(external("default", "out", "www.example.com"), {"1.2.3.4"}))},
   {"out.default.example.org. 7 A 1.2.3.4"}},
  {"a namespace that does not exist",
   {upsert(outside(cluster_ip("ghost", "web", {"10.96.0.1"}, {}), {"1.2.3.4"}))},
   {}},
  {"endpoints of a headless service",
   {upsert(headless("default", "db", {http})),
    upsert(
      slice("default", "db", "a", {endpoint({"10.244.0.1"}, "db-0"), endpoint({"fd00::7"}, "db-0")}, {http, bare})),
    upsert(slice("default", "db", "b", {endpoint({"10.244.0.1"}, "db-0")}, {http}))},
   {"db.default.example.org. 7 A 10.244.0.1", "db.default.example.org. 7 AAAA fd00::7",
    "db-0.db.default.example.org. 7 A 10.244.0.1", "db.default.example.org. 9 SRV 0 20 80 db-0.db.default.example.org.",
    "_http._tcp.db.default.example.org. 9 SRV 0 33 80 db-0.db.default.example.org.",
    "db-0.db.default.example.org. 9 SRV 0 20 80 db-0.db.default.example.org.",
    "db.default.example.org. 9 SRV 0 20 81 db-0.db.default.example.org.",
    "db-0.db.default.example.org. 9 SRV 0 20 81 db-0.db.default.example.org.",
    "db-0.db.default.example.org. 7 AAAA fd00::7"}},
  {"a headless service with external addresses has no endpoints here",
   {upsert(outside(headless("default", "db", {}), {"1.2.3.4"})),
    upsert(slice("default", "db", "a", {endpoint({"10.244.0.1"}, "db-0")}, {http}))},
   {"db.default.example.org. 7 A 1.2.3.4"}},
};

TEST_F(ExternalTransferTest, ServicesOfEachKind) {
  for (const example& e : examples) {
    transfer_world other;
    make(other);
    for (const auto& change : e.objects)
      other.world.apply(change);
    EXPECT_EQ(other.services("example.org"), e.expected) << e.label;
  }
}

TEST_F(ExternalTransferTest, WithoutHeadlessAndWithoutEndpoints) {
  world.apply(upsert(headless("default", "db", {http})));
  world.apply(upsert(slice("default", "db", "a", {endpoint({"10.244.0.1"}, "db-0")}, {http})));
  EXPECT_FALSE(services("example.org").empty());
  world.how.noendpoints = true;
  EXPECT_EQ(services("example.org"), records{});
  world.how.noendpoints = false;
  world.how.external->headless = false;
  EXPECT_EQ(services("example.org"), records{});
}

/// What a secondary answers is what the server itself answers: each RRset of the zone, whole. But for the alias that
/// CoreDNS's clients get beside addresses: no zone may hold that.
TEST_F(ExternalTransferTest, EveryRRsetIsWhatAQuestionGets) {
  for (const example& e : examples) {
    transfer_world other;
    make(other);
    for (const auto& change : e.objects)
      other.world.apply(change);
    const records zone = other.services("example.org");
    for (const auto& [type, label] :
         {std::pair{dns::rrtype::a, " A "}, {dns::rrtype::aaaa, " AAAA "}, {dns::rrtype::srv, " SRV "}}) {
      std::map<std::string, std::set<std::string>> sets;
      for (const std::string& record : zone)
        if (record.find(label) != record.npos)
          sets[record.substr(0, record.find(". "))].insert(record);
      for (auto& [owner, expected] : sets) {
        const records got = without(other.world.ask(owner, type).read.answer, {" CNAME "});
        EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), expected) << e.label << ": " << owner << label;
      }
    }
  }
}

} // namespace
} // namespace troupe::zone::test
