// SPDX-License-Identifier: Apache-2.0
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;

namespace {

const std::string cluster = "\nkubernetes cluster.local\n}\n";

k8s_external_options parsed(const std::string& lines, const std::string& key = ".:53") {
  auto result = test::planned(key + " {\n" + lines + cluster);
  EXPECT_TRUE(result.plan) << lines << ": " << (result.error ? result.error->text() : "");
  return result.plan ? *result.plan->blocks.at(0).k8s_external : k8s_external_options{};
}

std::string text(const std::vector<dns::name>& zones) {
  std::string out;
  for (const auto& zone : zones)
    out += (out.empty() ? "" : " ") + zone.to_text();
  return out;
}

/// `ZONES | APEX TTL [headless] [fallthrough ZONES]`
std::string summary(const k8s_external_options& o) {
  return text(o.zones) + " | " + o.apex.to_text() + " " + std::to_string(o.ttl) + (o.headless ? " headless" : "") +
         (o.fall_through ? " fallthrough " + text(o.fall_through_zones.zones()) : "");
}

} // namespace

TEST(k8s_external, reads_what_coredns_reads) {
  struct {
    const char* key;
    const char* lines;
    const char* expected;
  } cases[] = {
    {".:53", "k8s_external example.org", "example.org. | dns. 5"},
    {".:53", "k8s_external Example.ORG. 10.0.0.0/15", "example.org. 0.10.in-addr.arpa. 1.10.in-addr.arpa. | dns. 5"},
    {"a:53 B", "k8s_external", "a. b. | dns. 5"},
    {".:53", "k8s_external a..b example.org", "example.org. | dns. 5"},
    {".:53", "k8s_external example.org {\nttl 0\n}", "example.org. | dns. 0"},
    {".:53", "k8s_external example.org {\nttl 3600 more\napex Dn.S. more\n}", "example.org. | Dn.S. 3600"},
    {".:53", "k8s_external example.org {\nheadless\nfallthrough\n}", "example.org. | dns. 5 headless fallthrough ."},
    {".:53", "k8s_external example.org {\nheadless fallthrough sub.example.org\n}",
     "example.org. | dns. 5 headless fallthrough sub.example.org."},
    // The second goes on from the first, its zones alone count.
    {".:53", "k8s_external a {\nttl 9\nheadless\n}\nk8s_external b {\napex x\n}", "b. | x. 9 headless"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(summary(parsed(c.lines, c.key)), c.expected) << c.lines;
  EXPECT_EQ(parsed("k8s_external b a.b").zone_of.longest(test::name("x.A.b").wire()), 1u);
}

TEST(k8s_external, refuses_with_the_words_of_coredns) {
  const std::string long_label(60, 'a');
  const std::string long_zone = long_label + "." + long_label + "." + long_label + "." + long_label;
  struct {
    std::string lines, expected;
  } cases[] = {
    {"k8s_external example.org {\nttl\n}",
     "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'ttl'"},
    {"k8s_external example.org {\nttl x\n}",
     "Corefile:3 - Error during parsing: strconv.Atoi: parsing \"x\": invalid syntax"},
    {"k8s_external example.org {\nttl 3601\n}",
     "Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: 3601"},
    {"k8s_external example.org {\nttl -1\n}", "Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: -1"},
    {"k8s_external example.org {\napex\n}",
     "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'apex'"},
    {"k8s_external example.org {\napex a..b\n}",
     "Corefile:3 - Error during parsing: apex is not a valid domain name: a..b"},
    {"k8s_external example.org {\nwhatever\n}", "Corefile:3 - Error during parsing: unknown property 'whatever'"},
    {"k8s_external example.org {\nheadless too\n}", "Corefile:3 - Error during parsing: unknown property 'too'"},
    {"k8s_external " + long_zone, "Corefile:2 - Error during parsing: apex is too long for the zones: dns."},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(".:53 {\n" + c.lines + cluster), "plugin/k8s_external: " + c.expected) << c.lines;
}

TEST(k8s_external, needs_kubernetes_in_its_block) {
  EXPECT_EQ(test::error_of(".:53 {\nk8s_external example.org\n}\n"),
            "plugin/k8s_external: Corefile:2 - kubernetes plugin not loaded: there is no "
            "'kubernetes' in the block, whose services these are; add one");
  EXPECT_EQ(test::error_of("a:53 {\nk8s_external example.org\n}\nb:53 {\nkubernetes\n}\n"),
            "plugin/k8s_external: Corefile:2 - kubernetes plugin not loaded: there is no "
            "'kubernetes' in the block, whose services these are; add one");
}
