// SPDX-License-Identifier: Apache-2.0
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using namespace std::chrono_literals;
using test::machine;

namespace {

/// `server[/sockets]: zone=block.position ...` for each listener.
std::string listeners_of(const std::string& text, const machine& m = {}) {
  auto result = test::planned(text, m);
  if (!result.plan)
    return result.error->text();
  std::string out;
  for (const auto& listener : result.plan->listeners) {
    out += (out.empty() ? "" : " | ") + listener.server +
           (listener.sockets ? "/" + std::to_string(listener.sockets) : "") + ":";
    for (const auto& zone : listener.zones)
      out += " " + zone.label + "=" + std::to_string(zone.block) + "." + std::to_string(zone.position);
  }
  return out;
}

} // namespace

TEST(plan, groups_zones_by_address) {
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {".:53 {\nerrors\n}", "dns://:53: .=0.0"},
    {". {\nerrors\n}", "dns://:53: .=0.0"},
    {".:0 {\nerrors\n}", "dns://:0: .=0.0"},
    {"a b:1053 c {\nerrors\n}", "dns://:53: a.=0.0 c.=0.2 | dns://:1053: b.=0.1"},
    {"a {\nerrors\n}\nB {\nerrors\n}", "dns://:53: a.=0.0 b.=1.0"},
    {".:1053 {\nbind 127.0.0.1 ::1\n}", "dns://127.0.0.1:1053: .=0.0 | dns://[::1]:1053: .=0.0"},
    {"a {\nbind 127.0.0.1\n}\na {\nbind 127.0.0.2\n}", "dns://127.0.0.1:53: a.=0.0 | dns://127.0.0.2:53: a.=1.0"},
    {"a {\nbind 127.0.0.1\n}\nb {\nbind 127.0.0.1\nmultisocket 4\n}", "dns://127.0.0.1:53: a.=0.0 b.=1.0"},
    {". {\nmultisocket 4\n}", "dns://:53/4: .=0.0"},
    {"10.0.0.0/15 a {\nerrors\n}", "dns://:53: 0.10.in-addr.arpa.=0.0 1.10.in-addr.arpa.=0.1 a.=0.2"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(listeners_of(c.text), c.expected) << c.text;
  machine m;
  m.port = "1053";
  EXPECT_EQ(listeners_of("a dns://b c:53 {\nerrors\n}", m), "dns://:1053: a.=0.0 b.=0.1 | dns://:53: c.=0.2");
}

TEST(plan, refuses_what_cannot_be_served_together) {
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {".:53 {\n}\n.:53 {\n}", "Corefile:3 - Error during parsing: cannot serve dns://.:53 - it is already defined"},
    {"a A {\n}", "Corefile:1 - Error during parsing: cannot serve dns://a.:53 - it is already defined"},
    {".:53 {\n}\n.:54 {\n}", ""},
    {".:53 {\nbind 127.0.0.1\n}\n.:53 {\n}",
     "Corefile:4 - Error during parsing: cannot serve dns://.:53 - zone overlap "
     "listener capacity with dns://.:53 on 127.0.0.1"},
    {".:53 {\n}\n.:53 {\nbind 127.0.0.1\n}",
     "Corefile:3 - Error during parsing: cannot serve dns://.:53 on 127.0.0.1 - zone "
     "overlap listener capacity with dns://.:53"},
    {".:53 {\nbind 127.0.0.1 127.0.0.1\n}",
     "Corefile:1 - Error during parsing: cannot serve dns://.:53 on 127.0.0.1 - it is already defined"},
    {".:53 {\nbind 127.0.0.1\n}\n.:53 {\nbind ::1\n}", ""},
    {"exa..mple {\n}", "Corefile:1 - Error during parsing: zone is not a valid domain name: exa..mple"},
    {".:99999 {\n}", "Corefile:1 - Error during parsing: address 99999: invalid port"},
    {"unix://. {\n}",
     "Corefile:1 - Error during parsing: nothing is served at unix://.: clients do not ask by 'unix'; use dns://"},
    {".:53 {\n}\ntls://. {\n}",
     "Corefile:3 - Error during parsing: scheme 'tls' is known to CoreDNS but not built into "
     "Troupe yet"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(c.text), c.expected) << c.text;
}

TEST(plan, matches_questions) {
  auto result = test::planned(".:53 {\nerrors\n}\ncluster.local {\nerrors\n}\norg sub.org {\nerrors\n}");
  ASSERT_TRUE(result.plan);
  const auto& listener = result.plan->listeners.at(0);
  constexpr uint16_t a = 1, ds = 43;
  struct {
    const char* name;
    uint16_t type;
    const char* zone;
  } cases[] = {
    {"x.svc.Cluster.Local", a, "cluster.local."},
    {"cluster.local", a, "cluster.local."},
    {"local", a, "."},
    {".", a, "."},
    {"www.sub.org", a, "sub.org."},
    {"www.sub.org", ds, "org."},
    {"sub.org", ds, "org."},
    {"org", ds, "org."},
    {"com", ds, "."},
  };
  for (const auto& c : cases) {
    const auto* zone = listener.match(test::name(c.name).wire(), c.type);
    ASSERT_NE(zone, nullptr) << c.name;
    EXPECT_EQ(zone->label, c.zone) << c.name;
  }
  auto alone = test::planned("org {\nerrors\n}");
  EXPECT_EQ(alone.plan->listeners.at(0).match(test::name("com").wire(), a), nullptr);
  EXPECT_EQ(alone.plan->listeners.at(0).match(test::name("com").wire(), ds), nullptr);
}

TEST(plan, gathers_what_belongs_to_the_process) {
  auto result =
    test::planned("a {\nhealth {\nlameduck 5s\n}\nready\nprometheus :9153\nmultisocket 2\n}\n"
                  "b {\nhealth 127.0.0.1:1 {\nlameduck 7s\n}\nready {\nmonitor continuously\n}\nprometheus\n}\n"
                  "c {\nhealth\nprometheus :9153\nactors :1\nmultisocket\n}\n");
  ASSERT_TRUE(result.plan) << result.error->text();
  const auto& p = *result.plan;
  EXPECT_EQ(p.health, (std::vector<host_port>{{"", 8080}, {"127.0.0.1", 1}}));
  EXPECT_EQ(p.ready, (std::vector<host_port>{{"", 8181}}));
  EXPECT_EQ(p.prometheus, (std::vector<host_port>{{"", 9153}, {"localhost", 9153}}));
  EXPECT_EQ(p.actors, (std::vector<host_port>{{"", 1}}));
  EXPECT_TRUE(p.actors_named);
  EXPECT_TRUE(p.ready_continuously);
  EXPECT_EQ(p.loops, 2u);
  EXPECT_EQ(p.lameduck, 7s);
}

TEST(plan, is_added_to_by_the_environment) {
  machine m;
  const std::string text = "a {\nkubernetes {\nmanifests own\n}\n}\nb {\nkubernetes\n}\n";
  auto plain = test::planned(text, m);
  ASSERT_TRUE(plain.plan);
  EXPECT_EQ(plain.plan->actors, (std::vector<host_port>{{"127.0.0.1", 9155}}));
  EXPECT_FALSE(plain.plan->actors_named);
  m.variables = {{"TROUPE_ACTORS", "127.0.0.1:0"}, {"TROUPE_MANIFESTS", "/m/a.yaml::/m/b"}};
  auto added = test::planned(text, m);
  ASSERT_TRUE(added.plan);
  EXPECT_EQ(added.plan->actors, (std::vector<host_port>{{"127.0.0.1", 0}}));
  EXPECT_TRUE(added.plan->actors_named);
  EXPECT_EQ(added.plan->blocks[0].kubernetes->manifests, (std::vector<std::string>{"/etc/coredns/own"}));
  EXPECT_EQ(added.plan->blocks[1].kubernetes->manifests, (std::vector<std::string>{"/m/a.yaml", "/m/b"}));
  m.variables["TROUPE_ACTORS"] = "9155";
  EXPECT_EQ(test::error_of(text, m), "TROUPE_ACTORS - Error during parsing: address 9155: missing port in address");
}

TEST(plan, has_a_limit_on_answers_by_udp_that_the_environment_moves) {
  struct {
    const char* said;
    unsigned octets; // 0: refused
  } cases[] = {{"", 1232}, {"512", 512}, {"4096", 4096}, {"511", 0}, {"4097", 0}, {"65535", 0}, {"1k", 0}, {"-1", 0}};
  for (auto& c : cases) {
    machine m;
    m.variables = {{"TROUPE_UDP_SIZE", c.said}};
    const auto made = test::planned("a {\n}\n", m);
    EXPECT_EQ(made.plan ? made.plan->udp_octets : 0u, c.octets) << c.said;
    if (made.plan)
      continue;
    EXPECT_EQ(test::error_of("a {\n}\n", m),
              "TROUPE_UDP_SIZE - Error during parsing: size must be in range [512, 4096]: " + std::string{c.said});
  }
}

TEST(plan, prints_the_lines_of_the_start) {
  machine m;
  m.port = "1053";
  auto result =
    test::planned("b a_b:53 {\nerrors\n}\n. a {\nbind 127.0.0.1 ::1\n}\n10.0.0.0/8 1x -a a- a-b.c {\nerrors\n}", m);
  ASSERT_TRUE(result.plan);
  EXPECT_EQ(result.plan->start_text(), "Warning: Domain \"-a.\" does not follow RFC1035 preferred syntax\n-a.:1053\n"
                                       "10.in-addr.arpa.:1053\n"
                                       "Warning: Domain \"1x.\" does not follow RFC1035 preferred syntax\n1x.:1053\n"
                                       "Warning: Domain \"a-.\" does not follow RFC1035 preferred syntax\na-.:1053\n"
                                       "a-b.c.:1053\n"
                                       "b.:1053\n"
                                       "Warning: Domain \"a_b.\" does not follow RFC1035 preferred syntax\na_b.:53\n"
                                       ".:1053 on 127.0.0.1\n"
                                       "a.:1053 on 127.0.0.1\n"
                                       ".:1053 on ::1\n"
                                       "a.:1053 on ::1\n");
}

/// No line, for there is none.
TEST(plan, wants_a_block) {
  for (const char* text : {"", "# nothing\n", "(snippet) {\nlog\n}\n"})
    EXPECT_EQ(test::error_of(text), "Corefile - Error during parsing: there is no server block: the file is missing or "
                                    "empty; write one (`.:53 { … }`), or name another file with -conf")
      << text;
}

/// Keys, options and directives; what is wrong comes first.
TEST(plan, names_all_that_is_not_built) {
  EXPECT_EQ(
    test::error_of("tls://. {\nforward . https://::1\nhosts\n}\na {\nprometheus {\ntls x\n}\ndnstap a\n}"),
    "Corefile:1 - Error during parsing: scheme 'tls' is known to CoreDNS but not built into Troupe yet; nor are: "
    "option 'tls' of 'prometheus' (Corefile:7), upstream 'https://::1' of 'forward' (Corefile:2), directive 'dnstap' "
    "(Corefile:9)");
  EXPECT_EQ(test::error_of(". {\nhosts\nttl\n}"), "Corefile:3 - Error during parsing: Unknown directive 'ttl'");
  EXPECT_EQ(test::error_of(". {\nhosts\nhealth x\n}"),
            "plugin/health: Corefile:3 - Error during parsing: address x: missing port in address");
}

/// Schemes are written in any case (RFC 3986 section 3.1).
TEST(plan, knows_schemes_in_capitals) {
  EXPECT_EQ(listeners_of("DNS://a:1053 dNs://b {\nerrors\n}"), "dns://:1053: a.=0.0 | dns://:53: b.=0.1");
  EXPECT_EQ(test::error_of("TLS://a {\nerrors\n}"),
            "Corefile:1 - Error during parsing: scheme 'tls' is known to CoreDNS but not built into Troupe yet");
}

/// What is everywhere already has no second sockets at an unspecified address, or the kernel would choose who is asked.
TEST(plan, has_one_listener_everywhere) {
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {"a {\n}\nb {\nbind 0.0.0.0\n}\nc {\nbind ::\n}", "dns://:53: a.=0.0 b.=1.0 c.=2.0"},
    {"b {\nbind 0.0.0.0 ::\n}\na {\n}", "dns://:53: b.=0.0 a.=1.0"},
    {"a {\n}\nb:54 {\nbind ::\n}", "dns://:53: a.=0.0 | dns://[::]:54: b.=1.0"},
    {"a {\n}\nb {\nbind ::1\n}", "dns://:53: a.=0.0 | dns://[::1]:53: b.=1.0"},
    {"a {\nbind 0.0.0.0 ::\n}", "dns://0.0.0.0:53: a.=0.0 | dns://[::]:53: a.=0.0"},
    {"a {\nbind ::ffff:192.0.2.1\n}", "dns://192.0.2.1:53: a.=0.0"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(listeners_of(c.text), c.expected) << c.text;
}
