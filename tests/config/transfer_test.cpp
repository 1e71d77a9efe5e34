// SPDX-License-Identifier: Apache-2.0
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;

namespace {

/// `ZONES -> ADDRESSES from SOURCE` of each use, or the error.
std::string uses_of(const std::string& body) {
  auto result = test::planned("example.org:53 example.net:53 {\n" + body + "\n}\n");
  if (!result.plan)
    return result.error->text();
  std::string out;
  for (const auto& use : result.plan->blocks.at(0).transfer) {
    out += out.empty() ? "" : "; ";
    for (const auto& zone : use.zones)
      out += zone.to_text() + " ";
    out += "->";
    out += use.to_all ? " *" : "";
    for (const auto& to : use.to)
      out += " " + to.text();
    out += use.source.empty() ? "" : " from " + use.source;
  }
  return out;
}

/// The place of an error, which all have.
std::string error_at(int line, const std::string& what) {
  return "plugin/transfer: /etc/coredns/Corefile:" + std::to_string(line) + " - Error during parsing: " + what;
}

} // namespace

TEST(transfer, reads_what_coredns_reads) {
  struct {
    const char* body;
    std::string expected;
  } const rows[] = {
    {"transfer {\nto *\n}", "example.org. example.net. -> *"},
    {"transfer example.net {\nto 1.2.3.4\n}", "example.net. -> 1.2.3.4:53"},
    {"transfer EXAMPLE.net 10.0.0.0/8 {\nto 1.2.3.4:5300\n}", "example.net. 10.in-addr.arpa. -> 1.2.3.4:5300"},
    {"transfer {\nto 12:34::56 [1::2]:34 fe80::1%eth0 [fe80::1%eth0]:54\n}",
     "example.org. example.net. -> [12:34::56]:53 [1::2]:34 [fe80::1%eth0]:53 [fe80::1%eth0]:54"},
    {"transfer {\nto 1.2.3.4:\n}", "example.org. example.net. -> 1.2.3.4:53"},
    {"transfer {\nto ::ffff:1.2.3.4 [::ffff:1.2.3.5]:54 1.2.3.6:domain\nsource ::ffff:1.2.3.7\n}",
     "example.org. example.net. -> 1.2.3.4:53 1.2.3.5:54 1.2.3.6:53 from 1.2.3.7"},
    {"transfer {\nto *\nto 1.2.3.4 * 1.2.3.5\n}", "example.org. example.net. -> * 1.2.3.4:53 1.2.3.5:53"},
    {"transfer {\nto 1.2.3.4\nsource 2001:db8::53\n}", "example.org. example.net. -> 1.2.3.4:53 from 2001:db8::53"},
    {"transfer a.test {\nto *\n}\ntransfer b.test {\nto 1.2.3.4\n}", "a.test. -> *; b.test. -> 1.2.3.4:53"},
    {"transfer", error_at(2, "'to' is required")},
    {"transfer {\n}", error_at(3, "'to' is required")},
    {"transfer {\nto\n}", error_at(3, "Wrong argument count or unexpected line ending after 'to'")},
    {"transfer {\nto example.com 1.2.3.4\n}", error_at(3, "must specify an IP address: `example.com'")},
    {"transfer {\nto example.com:53\n}", error_at(3, "must specify an IP address: `example.com'")},
    {"transfer {\nto [1::2]\n}", error_at(3, "must specify an IP address: `[1::2]'")},
    {"transfer {\nto a:b:c\n}", error_at(3, "must specify an IP address: `a:b:c'")},
    {"transfer {\nto 1.2.3.4\nsource\n}", error_at(4, "Wrong argument count or unexpected line ending after 'source'")},
    {"transfer {\nto 1.2.3.4\nsource 1.2.3.4 1.2.3.5\n}",
     error_at(4, "Wrong argument count or unexpected line ending after '1.2.3.5'")},
    {"transfer {\nto 1.2.3.4\nsource example.org\n}", error_at(4, "invalid source address \"example.org\"")},
    {"transfer {\nto 1.2.3.4\nsource fe80::1%eth0\n}", error_at(4, "invalid source address \"fe80::1%eth0\"")},
    {"transfer {\nto 1.2.3.4\nsource 1.2.3.4\nsource ::1\n}", error_at(5, "source already specified")},
    {"transfer {\nfrom 1.2.3.4\n}", error_at(3, "unknown property \"from\"")},
  };
  for (const auto& row : rows)
    EXPECT_EQ(uses_of(row.body), row.expected) << row.body;
}

/// CoreDNS finds out when it sends.
TEST(transfer, refuses_a_port_that_is_none) {
  for (const char* word : {"1.2.3.4:abc", "1.2.3.4:70000", "[1::2]:-1"})
    EXPECT_NE(uses_of(std::string{"transfer {\nto "} + word + "\n}").find("Corefile:3 - Error"), std::string::npos)
      << word;
}

TEST(transfer, is_found_by_the_longest_zone_the_first_of_equals) {
  auto result = test::planned(".:53 {\ntransfer {\nto *\n}\ntransfer b.a.test {\nto 1.1.1.1\n}\n"
                              "transfer a.test b.a.test {\nto 2.2.2.2\n}\n}\n");
  ASSERT_TRUE(result.plan);
  const auto& uses = result.plan->blocks.at(0).transfer;
  struct {
    const char* name;
    int use;
  } const rows[] = {{"a.test", 2},    {"x.a.test", 2}, {"b.a.test", 1}, {"x.b.a.test", 1},
                    {"xb.a.test", 2}, {"test", 0},     {".", 0}};
  for (auto [name, use] : rows)
    EXPECT_EQ(find_transfer(uses, dns::name::from_text(name)->wire()), &uses[static_cast<size_t>(use)]) << name;
  const std::vector<transfer_options> without_root{uses.begin() + 1, uses.end()};
  EXPECT_EQ(find_transfer(without_root, dns::name::from_text("test")->wire()), nullptr);
}
