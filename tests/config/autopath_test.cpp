// SPDX-License-Identifier: Apache-2.0
#include "config/search_list.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using test::machine;

namespace {

const machine files{{},
                    {{"/etc/resolv.conf", "search node.example\nnameserver 192.0.2.1\n"},
                     {"/etc/coredns/list", "search Bar.com baz.com\n"},
                     {"/etc/coredns/none", "nameserver 192.0.2.1\n"}},
                    {}};

std::string text(const std::vector<dns::name>& names) {
  std::string out;
  for (const auto& name : names)
    out += (out.empty() ? "" : " ") + name.to_text();
  return out;
}

/// `ZONES | PROVIDER | SEARCH | SEARCH OF US`
std::string summary(const autopath_options& o) {
  return text(o.zones.zones()) + " | " + o.provider + " | " + (o.from_file ? text(o.search) : "-") + " | " +
         text(o.search_of_us);
}

} // namespace

TEST(autopath, reads_what_coredns_reads) {
  struct {
    const char* key;
    const char* lines;
    const char* expected;
  } cases[] = {
    {".:53", "autopath list", ". |  | bar.com. baz.com. | "},
    {".:53", "autopath /etc/coredns/list", ". |  | bar.com. baz.com. | "},
    {".:53", "autopath none", ". |  |  | "},
    {"a:53", "autopath @kubernetes", "a. | kubernetes | - | node.example."},
    {".:53", "autopath example.org 10.0.0.0/8 @kubernetes",
     "example.org. 10.in-addr.arpa. | kubernetes | - | "
     "node.example."},
    // The second goes on from the first, and who is asked wins over a file.
    {".:53", "autopath a @kubernetes\nautopath b list", "b. | kubernetes | bar.com. baz.com. | node.example."},
  };
  for (const auto& c : cases) {
    auto result = test::planned(std::string{c.key} + " {\n" + c.lines + "\nkubernetes cluster.local\n}\n", files);
    ASSERT_TRUE(result.plan) << c.lines << ": " << (result.error ? result.error->text() : "");
    EXPECT_EQ(summary(*result.plan->blocks.at(0).autopath), c.expected) << c.lines;
  }
}

TEST(autopath, refuses_with_the_words_of_coredns) {
  struct {
    const char* lines;
    const char* expected;
  } cases[] = {
    {"autopath", "Corefile:2 - Error during parsing: no resolv-conf specified"},
    {"autopath a b", "Corefile:2 - Error during parsing: failed to parse \"b\": open b: no such file or directory"},
    {"autopath @loop\nloop", "Corefile:2 - loop does not implement the AutoPather interface"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(std::string{".:53 {\n"} + c.lines + "\n}\n", files),
              std::string{"plugin/autopath: "} + c.expected)
      << c.lines;
}

TEST(autopath, warns_where_nobody_knows_the_search_lists) {
  for (const char* who : {"kubernetes", "nobody"}) {
    const auto result = test::planned(std::string{".:53 {\nautopath @"} + who + "\n}\n", files);
    ASSERT_TRUE(result.plan) << who;
    ASSERT_EQ(result.plan->warnings.size(), 1u) << who;
    EXPECT_NE(result.plan->warnings[0].find("does nothing"), std::string::npos) << result.plan->warnings[0];
  }
}

TEST(search_list, is_read_like_resolv_conf) {
  const std::string many = "search a b c d e f g h i j k l m n o p";
  struct {
    std::string text, expected;
  } cases[] = {
    {"", ""},
    {"search", ""},
    {"search a.b C.\n", "a.b. c."},
    {"search a\nsearch b c", "b. c."},
    {"search a b\ndomain c d", "c."},
    {"domain c\nsearch a b", "a. b."},
    {"search a\ndomain", ""},
    {"#search a", ""},
    {";search a", ""},
    {" \tsearch\t a  b \r\n", "a. b."},
    {"searching a", ""},
    {"search a..b c", "c."},
    {many, "a. b. c. d. e. f. g. h. i. j. k. l."},
  };
  for (const auto& c : cases)
    EXPECT_EQ(text(read_search_list(c.text)), c.expected) << c.text;
}
