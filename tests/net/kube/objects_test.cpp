// SPDX-License-Identifier: Apache-2.0
#include "net/kube/check.hpp"
#include "net/kube/objects.hpp"
#include "net/kube/version.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;

// Fault A16: what is written where an address should be.
TEST(address, reads_addresses_and_nothing_else) {
  struct {
    const char* text;
    const char* want; // null: refused
  } cases[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"0.0.0.0", "0.0.0.0"},
    {"2001:db8::1", "2001:db8::1"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"::", "::"},
    {"::ffff:192.0.2.1", "192.0.2.1"},
    {"999.1.1.1", nullptr},
    {"", nullptr},
    {"192.0.2", nullptr},
    {"192.0.2.01", nullptr},
    {"192.0.2.1/24", nullptr},
    {"192.0.2.1:80", nullptr},
    {" 192.0.2.1", nullptr},
    {"fe80::1%eth0", nullptr},
    {"[::1]", nullptr},
    {"1:2:3:4:5:6:7:8:9", nullptr},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", nullptr},
  };
  for (auto& c : cases) {
    auto got = address::from_text(c.text);
    EXPECT_EQ(got ? got->to_text() : "refused", c.want ? c.want : "refused") << c.text;
  }
  EXPECT_FALSE(address::from_text(std::string_view{"1.2.3.4\0", 8}));
  EXPECT_FALSE(address::from_text("192.0.2.1")->v6);
  EXPECT_TRUE(address::from_text("::1")->v6);
}

TEST(check, tells_labels_from_other_text) {
  const std::string l63(63, 'a'), l64(64, 'a');
  struct {
    std::string text;
    bool label, subdomain;
  } cases[] = {
    {"a", true, true},
    {"a-b", true, true},
    {"1", true, true},
    {"", false, false},
    {"-a", false, false},
    {"a-", false, false},
    {"A", false, false},
    {"a.b", false, true},
    {"a..b", false, false},
    {".a", false, false},
    {"a.", false, false},
    {"a_b", false, false},
    {"a b", false, false},
    {"\xc3\xa4", false, false},
    {l63, true, true},
    {l64, false, false},
    {l63 + "." + l63 + "." + l63 + "." + l63, false, false},
    {l63 + "." + l63 + "." + l63 + "." + l63.substr(2), false, true},
  };
  for (auto& c : cases) {
    EXPECT_EQ(is_label(c.text), c.label) << c.text;
    EXPECT_EQ(is_subdomain(c.text), c.subdomain) << c.text;
  }
}

TEST(check, quotes_what_is_foreign) {
  EXPECT_EQ(quote("abc"), "'abc'");
  EXPECT_EQ(quote("a\nb\xff"), "'a\\x0ab\\xff'");
  EXPECT_LT(quote(std::string(1000, 'x')).size(), 100u);
}

// Faults A12 and A14: versions are opaque, but decimals have an order (KEP-5504).
TEST(version, knows_what_is_older) {
  const struct {
    const char *one, *other;
    bool older;
  } cases[] = {
    {"5", "7", true},   {"7", "5", false}, {"7", "7", false},  {"9", "10", true},
    {"10", "9", false}, {"", "5", false},  {"5", "", false},   {"05", "7", false},
    {"5x", "7", false}, {"a", "b", false}, {"-5", "7", false}, {"18446744073709551615", "18446744073709551616", true},
    {"0", "5", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(is_older(c.one, c.other), c.older) << c.one << " " << c.other;
  const std::pair<std::string, bool> versions[] = {
    {"1", true},    {"abc-1", true}, {"", false},     {"0", false},
    {"1 2", false}, {"1\n", false},  {"\xff", false}, {std::string(257, '1'), false}};
  for (auto& [text, good] : versions)
    EXPECT_EQ(is_version(text), good) << text;
}
