// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"
#include "config/duration.hpp"
#include "config/zone_key.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using namespace std::chrono_literals;

TEST(host_port, reads_what_go_reads) {
  struct {
    const char* text;
    const char* expected; // text of the address, or the error
    const char* host;     // null: refused
  } cases[] = {
    {":8080", ":8080", ""},
    {"127.0.0.1:9153", "127.0.0.1:9153", "127.0.0.1"},
    {"[0.0.0.0]:9153", "0.0.0.0:9153", "0.0.0.0"},
    {"[::1]:53", "[::1]:53", "::1"},
    {"[fe80::1%eth0]:53", "[fe80::1%eth0]:53", "fe80::1%eth0"},
    {"localhost:0", "localhost:0", "localhost"},
    {"9153", "address 9153: missing port in address", nullptr},
    {"", "address : missing port in address", nullptr},
    {"::1", "address ::1: too many colons in address", nullptr},
    {"[::1]", "address [::1]: missing port in address", nullptr},
    {"[::1", "address [::1: missing ']' in address", nullptr},
    {"[::1]x:53", "address [::1]x:53: missing port in address", nullptr},
    {"a[b:53", "address a[b:53: unexpected '[' in address", nullptr},
    {"a]b:53", "address a]b:53: unexpected ']' in address", nullptr},
    {":", ":0", ""},
    {"localhost:", "localhost:0", "localhost"},
    {"localhost:domain", "localhost:53", "localhost"},
    {":+53", ":53", ""},
    {":053", ":53", ""},
    {":foo", "address foo: invalid port, a number up to 65535 or the name of a service is expected", nullptr},
    {":65536", "address 65536: invalid port, a number up to 65535 or the name of a service is expected", nullptr},
    {":-1", "address -1: invalid port, a number up to 65535 or the name of a service is expected", nullptr},
    {":+", "address +: invalid port, a number up to 65535 or the name of a service is expected", nullptr},
  };
  const port_names names = [](const std::string& name) {
    return name == "domain" ? std::optional<uint16_t>{53} : std::nullopt;
  };
  for (const auto& c : cases) {
    auto got = parse_host_port(c.text, names);
    if (auto* good = std::get_if<host_port>(&got)) {
      EXPECT_EQ(good->text(), c.expected) << c.text;
      ASSERT_NE(c.host, nullptr) << c.text;
      EXPECT_EQ(good->host, c.host) << c.text;
    } else {
      EXPECT_EQ(std::get<std::string>(got), c.expected) << c.text;
      EXPECT_EQ(c.host, nullptr) << c.text;
    }
  }
}

TEST(address, has_a_family_and_a_normal_form) {
  struct {
    std::string text;
    const char* normal; // empty: not an address
    family kind;
  } cases[] = {
    {"10.0.0.1", "10.0.0.1", family::v4},
    {"0:0:0:0:0:0:0:1", "::1", family::v6},
    {"FE80::A%eth0", "fe80::a%eth0", family::v6},
    {"::ffff:10.0.0.1", "10.0.0.1", family::v6}, // a socket of IPv6 alone cannot use it
    {"0:0:0:0:0:FFFF:a00:1", "10.0.0.1", family::v6},
    {"::10.0.0.1", "::10.0.0.1", family::v6},
    {"fe80::a%", "", family::v6},
    {"10.0.0.1%eth0", "", family::v4},
    {"10.0.0", "", family::v4},
    {"localhost", "", family::v4},
    {"", "", family::v4},
    {std::string("10.0.0.1\0x", 10), "", family::v4},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(normal_address(c.text).value_or(""), c.normal) << c.text;
    auto kind = address_family(c.text);
    EXPECT_EQ(kind.has_value(), *c.normal != '\0') << c.text;
    EXPECT_EQ(kind.value_or(c.kind), c.kind) << c.text;
  }
}

TEST(address, is_unspecified_in_any_spelling) {
  for (const char* text : {"0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"})
    EXPECT_TRUE(is_unspecified(text)) << text;
  for (const char* text : {"", "localhost", "127.0.0.1", "::1", "0", "::0.0.0.1"})
    EXPECT_FALSE(is_unspecified(text)) << text;
}

TEST(duration, reads_what_go_reads) {
  struct {
    const char* text;
    std::chrono::nanoseconds value;
    const char* error;
  } cases[] = {
    {"5s", 5s, ""},
    {"1m30s", 90s, ""},
    {"100ms", 100ms, ""},
    {"1.5h", 90min, ""},
    {".5s", 500ms, ""},
    {"5.s", 5s, ""},
    {"-2s", -2s, ""},
    {"+2s", 2s, ""},
    {"0", 0s, ""},
    {"-0", 0s, ""},
    {"3us2ns", 3002ns, ""},
    {"3\xC2\xB5s", 3us, ""},
    {"1h2m3.004s", 3723004ms, ""},
    {"", 0s, "time: invalid duration \"\""},
    {"5", 0s, "time: missing unit in duration \"5\""},
    {"s", 0s, "time: invalid duration \"s\""},
    {".s", 0s, "time: invalid duration \".s\""},
    {"5x", 0s, "time: unknown unit \"x\" in duration \"5x\""},
    {"5 s", 0s, "time: unknown unit \" s\" in duration \"5 s\""},
    {"5s6", 0s, "time: missing unit in duration \"5s6\""},
    {"--5s", 0s, "time: invalid duration \"--5s\""},
    {"99999999h", 0s, "time: invalid duration \"99999999h\""},
  };
  for (const auto& c : cases) {
    auto got = parse_duration(c.text);
    if (auto* good = std::get_if<std::chrono::nanoseconds>(&got)) {
      EXPECT_EQ(good->count(), c.value.count()) << c.text;
      EXPECT_STREQ(c.error, "") << c.text;
    } else {
      EXPECT_EQ(std::get<std::string>(got), c.error) << c.text;
    }
  }
}

TEST(duration, prints_as_go_does) {
  struct {
    std::chrono::nanoseconds value;
    const char* expected;
  } cases[] = {
    {0s, "0s"},       {5s, "5s"},
    {90s, "1m30s"},   {100ms, "100ms"},
    {1500ms, "1.5s"}, {60s, "1m0s"},
    {2h, "2h0m0s"},   {3us, "3\xC2\xB5s"},
    {7ns, "7ns"},     {1234567ns, "1.234567ms"},
    {-5s, "-5s"},     {3723004ms, "1h2m3.004s"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(duration_text(c.value), c.expected);
}

TEST(zone_key, has_a_scheme_zones_and_a_port) {
  struct {
    const char* text;
    const char* expected; // `scheme zone... port`, or the error
  } cases[] = {
    {".", "dns . "},
    {".:53", "dns . 53"},
    {"Example.ORG:1053", "dns example.org. 1053"},
    {"dns://.:5353", "dns . 5353"},
    {"tls://a.b", "tls a.b. "},
    {"https3://.", "https3 . "},
    {"https://.:8443", "https . 8443"},
    {"quic://.", "quic . "},
    {"grpc://.", "grpc . "},
    {"foo://.:53", "dns foo://. 53"},
    {"10.0.0.0/8", "dns 10.in-addr.arpa. "},
    {"10.0.0.0/15:53", "dns 0.10.in-addr.arpa. 1.10.in-addr.arpa. 53"},
    {"192.168.1.1/23", "dns 0.168.192.in-addr.arpa. 1.168.192.in-addr.arpa. "},
    {"10.129.60.0/22",
     "dns 60.129.10.in-addr.arpa. 61.129.10.in-addr.arpa. 62.129.10.in-addr.arpa. 63.129.10.in-addr.arpa. "},
    {"10.1.2.3/32", "dns 3.2.1.10.in-addr.arpa. "},
    {"0.0.0.0/0", "dns in-addr.arpa. "},
    {"2001:db8::/32", "dns 8.b.d.0.1.0.0.2.ip6.arpa. "},
    {"2001:db8::/31:53", "dns 8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa. 53"},
    {"fd00::/6", "dns c.f.ip6.arpa. d.f.ip6.arpa. e.f.ip6.arpa. f.f.ip6.arpa. "},
    {"2001:db8::/29", "dns 8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa. a.b.d.0.1.0.0.2.ip6.arpa. "
                      "b.b.d.0.1.0.0.2.ip6.arpa. c.b.d.0.1.0.0.2.ip6.arpa. d.b.d.0.1.0.0.2.ip6.arpa. "
                      "e.b.d.0.1.0.0.2.ip6.arpa. f.b.d.0.1.0.0.2.ip6.arpa. "},
    {"10.0.0.0/33", "dns 10.0.0.0/33. "},
    {"::/8", "invalid CIDR ::/8"},
    {"0::/8", "invalid CIDR 0::/8"},
    {"exa..mple:53", "zone is not a valid domain name: exa..mple"},
    {":53", "zone is not a valid domain name: "},
    {"", "zone is not a valid domain name: "},
    {".:", "expecting data after last colon: \".:\""},
    {".:99999", "address 99999: invalid port"},
    {".:-1", "address -1: invalid port"},
    {"a.:x", "dns a.:x. "},
  };
  for (const auto& c : cases) {
    auto got = parse_zone_key(c.text);
    if (auto* key = std::get_if<zone_key>(&got)) {
      std::string text = key->scheme + " ";
      for (const auto& zone : key->zones)
        text += zone.to_text() + " ";
      EXPECT_EQ(text + key->port, c.expected);
    } else {
      EXPECT_EQ(std::get<std::string>(got), c.expected) << c.text;
    }
  }
  EXPECT_EQ(std::get<std::string>(parse_zone_key(std::string(256, 'a'))), "specified zone is too long: 256 > 255");
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_zone_key(std::string(64, 'a'))));
}

TEST(zone_index, finds_the_longest_and_the_shortest) {
  std::vector<dns::name> zones;
  for (const char* text : {"cluster.local", ".", "svc.Cluster.Local", "org", "a.org", "b.org", "a.org"})
    zones.push_back(*dns::name::from_text(text));
  const zone_index index{zones};
  struct {
    const char* name;
    int longest, shortest; // -1: none
  } cases[] = {
    {"cluster.local", 0, 0},
    {"x.svc.cluster.local", 2, 0},
    {"svc.cluster.local", 2, 0},
    {"xcluster.local", 1, -1},
    {"local", 1, -1},
    {".", 1, -1},
    {"a.org", 4, 3},
    {"x.a.org", 4, 3},
    {"c.org", 3, 3},
    {"x\\014cluster.local", 1, -1},
    {"y\\007cluster\\005local", 1, -1},
  };
  for (const auto& c : cases) {
    const auto qname = test::name(c.name);
    EXPECT_EQ(static_cast<int>(index.longest(qname.wire())), c.longest) << c.name;
    EXPECT_EQ(static_cast<int>(index.shortest_below_root(qname.wire())), c.shortest) << c.name;
  }
  EXPECT_EQ(zone_index{}.longest(test::name("a").wire()), zone_index::none);
  EXPECT_EQ(zone_index{{*dns::name::from_text("b")}}.longest(test::name("a").wire()), zone_index::none);
}
