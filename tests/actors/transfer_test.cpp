// SPDX-License-Identifier: Apache-2.0
#include "actors/http/query_families.hpp"
#include "tests/support/actor_serving.hpp"

#include <arpa/inet.h>

namespace troupe {
namespace {

using test::came;
using enum dns::rcode;

constexpr uint8_t axfr = static_cast<uint8_t>(dns::rrtype::axfr), ixfr = static_cast<uint8_t>(dns::rrtype::ixfr);

std::string corefile(const std::string& uses) {
  return ".:53 {\n" + uses +
         "\n  kubernetes cluster.local 96.10.in-addr.arpa {\n    endpoint http://127.0.0.1:1\n  }\n"
         "  prometheus\n}\n";
}

/// AXFR and IXFR from the endpoint through listener and stages, and back when they are sent.
class TransferTest : public test::serving_fixture {
public:
  void begin(const std::string& uses = "transfer {\nto *\n}") {
    says_two_namespaces();
    serve(corefile(uses));
    endpoint.by = net::protocol::tcp;
    come_from("10.0.0.1");
  }

  void come_from(const std::string& address) {
    endpoint.from = {};
    if (::inet_pton(AF_INET, address.c_str(), &endpoint.from.remote.v4.sin_addr) == 1) {
      endpoint.from.remote.v4.sin_family = AF_INET;
    } else {
      endpoint.from.remote.v6.sin6_family = AF_INET6;
      EXPECT_EQ(::inet_pton(AF_INET6, address.c_str(), &endpoint.from.remote.v6.sin6_addr), 1) << address;
    }
  }

  /// The rcode, and whether a zone was sent.
  std::pair<dns::rcode, bool> ask(const std::string& name, uint8_t type = axfr) {
    const uint16_t number = endpoint.ask({name}, type);
    run();
    return {only_answer(number), endpoint.streams.contains(number)};
  }
};

using result = std::pair<dns::rcode, bool>;

TEST_F(TransferTest, ZonesAndWhatIsNone) {
  begin();
  struct {
    const char* name;
    result expected;
  } const rows[] = {
    {"cluster.local", {noerror, true}},
    {"96.10.in-addr.arpa", {noerror, true}},
    {"svc.cluster.local", {notauth, false}}, // RFC 5936 section 2.2.1
    {"a.red.svc.cluster.local", {notauth, false}},
    {"0.96.10.in-addr.arpa", {notauth, false}},
    {"example.org", {refused, false}},
    {"local", {refused, false}},
  };
  for (auto& [name, expected] : rows)
    EXPECT_EQ(ask(name), expected) << name;
  EXPECT_EQ(endpoint.in_flight(), 0u);
}

/// Of its reverse zones only those that `kubernetes` has.
TEST_F(TransferTest, ZonesOfK8sExternal) {
  begin("transfer {\nto *\n}\nk8s_external ext.test in-addr.arpa");
  struct {
    const char* name;
    result expected;
  } const rows[] = {
    {"ext.test", {noerror, true}},           {"red.ext.test", {notauth, false}}, {"cluster.local", {noerror, true}},
    {"96.10.in-addr.arpa", {noerror, true}}, {"in-addr.arpa", {notauth, false}},
  };
  for (auto& [name, expected] : rows)
    EXPECT_EQ(ask(name), expected) << name;
}

TEST_F(TransferTest, WhoMayHaveThem) {
  begin("transfer cluster.local {\nto 10.0.0.1 [2001:db8::1]:5300 fe80::1%lo\nto 10.0.0.2\n}\n"
        "transfer in-addr.arpa {\nto 10.0.0.9\n}");
  struct {
    const char *name, *from;
    result expected;
  } const rows[] = {
    {"cluster.local", "10.0.0.1", {noerror, true}},       {"cluster.local", "10.0.0.2", {noerror, true}},
    {"cluster.local", "10.0.0.9", {refused, false}},      {"cluster.local", "2001:db8::1", {noerror, true}},
    {"cluster.local", "2001:db8::2", {refused, false}},   {"96.10.in-addr.arpa", "10.0.0.9", {noerror, true}},
    {"cluster.local", "fe80::1", {refused, false}}, // on no interface that was named
    {"96.10.in-addr.arpa", "10.0.0.1", {refused, false}}, {"svc.cluster.local", "10.0.0.9", {refused, false}},
  };
  for (auto& [name, from, expected] : rows) {
    come_from(from);
    EXPECT_EQ(ask(name), expected) << name << " from " << from;
  }
}

TEST_F(TransferTest, ByTcpAlone) {
  begin();
  endpoint.by = net::protocol::udp;
  EXPECT_EQ(ask("cluster.local"), (result{refused, false}));
  EXPECT_EQ(ask("cluster.local", ixfr), (result{refused, false}));
}

/// IXFR brings the serial that the client has, in exactly one SOA.
TEST_F(TransferTest, IncrementalWithoutASerial) {
  begin();
  EXPECT_EQ(ask("cluster.local", ixfr), (result{servfail, false}));
}

TEST_F(TransferTest, WithoutTheDirectiveNobodyHasThem) {
  begin("errors");
  for (auto name : {"cluster.local", "svc.cluster.local", "96.10.in-addr.arpa", "example.org"})
    EXPECT_EQ(ask(name), (result{refused, false})) << name;
}

/// A secondary would take the names away that are not known yet.
TEST_F(TransferTest, NotBeforeEverythingIsListed) {
  serve(corefile("transfer {\nto *\n}"));
  endpoint.by = net::protocol::tcp;
  come_from("10.0.0.1");
  EXPECT_EQ(ask("cluster.local"), (result{servfail, false}));
}

/// Whatever its messages were, it is one question and one answer.
TEST_F(TransferTest, IsCountedOnce) {
  begin();
  ask("cluster.local");
  ask("svc.cluster.local");
  const auto counted = [&] {
    uint64_t sum = 0;
    for (auto& family : query_families(metered.queries))
      if (family.name == "coredns_dns_responses_total")
        for (auto& each : family.metric)
          sum += static_cast<uint64_t>(each.counter.value);
    return sum;
  };
  EXPECT_EQ(counted(), 2u);
}

/// The listener dies with the slot on its way: the client has its zone, and gets nothing more.
TEST_F(TransferTest, TheListenerDiesAfterItWasSent) {
  begin();
  const uint16_t number = endpoint.ask({"cluster.local"}, axfr);
  for (int i = 0; i < 100 && !endpoint.streams.contains(number); ++i) {
    scheduler.try_run_once();
    home.run_turn();
  }
  ASSERT_TRUE(endpoint.streams.contains(number));
  const auto sent = endpoint.streams[number].size();
  kill("listener/0");
  run();
  EXPECT_EQ(endpoint.streams[number].size(), sent) << "it was not sent twice";
  EXPECT_LE(endpoint.answers[number].size(), 1u);
  EXPECT_EQ(endpoint.in_flight(), 0u);
  EXPECT_EQ(ask("cluster.local"), (result{noerror, true}));
}

TEST_F(TransferTest, TheListenerDiesBefore) {
  begin();
  const uint16_t number = endpoint.ask({"cluster.local"}, axfr);
  kill("listener/0");
  run();
  EXPECT_EQ(endpoint.streams[number].size(), 1u);
  EXPECT_EQ(endpoint.in_flight(), 0u);
}

} // namespace
} // namespace troupe
