// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_table.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace troupe::hosts {
namespace {

std::string text_of(const host_address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.octets.data(), text, sizeof text);
  return text;
}

host_address address_of(const char* text) {
  host_address out;
  out.v6 = std::string_view{text}.find(':') != std::string_view::npos;
  EXPECT_EQ(::inet_pton(out.v6 ? AF_INET6 : AF_INET, text, out.octets.data()), 1) << text;
  return out;
}

bool all(dns::name_view) {
  return true;
}

std::string addresses_of(const hosts_table& table, const char* name, bool v6) {
  std::string out;
  table.addresses(dns::name::from_text(name)->wire(), v6,
                  [&](const host_address& found) { out += (out.empty() ? "" : " ") + text_of(found); });
  return out;
}

std::string names_of(const hosts_table& table, const char* address) {
  std::string out;
  table.names(address_of(address),
              [&](dns::name_view found) { out += (out.empty() ? "" : " ") + dns::to_text(found); });
  return out;
}

constexpr std::string_view file = "127.0.0.1\tlocalhost Loopback # not this\n"
                                  "::1 localhost\r\n"
                                  "\n"
                                  "# 192.0.2.9 no\n"
                                  "192.0.2.1 www.example.org www\n"
                                  "192.0.2.2 www.example.org. other\n"
                                  "2001:db8::1%eth0 www.example.org\n"
                                  "::ffff:192.0.2.3 mapped\n"
                                  "192.0.2.4 *.apps.example.org fixed.apps.example.org\n"
                                  "2001:db8::4 *.apps.example.org\n"
                                  "192.0.2.300 bad\n"
                                  "192.0.2.5\n"
                                  "lonely\n"
                                  "192.0.2.6 a..b last";

TEST(hosts_table, knows_the_addresses_of_names) {
  const hosts_table table{file, all};
  const struct {
    const char *name, *v4, *v6;
  } rows[] = {
    {"localhost", "127.0.0.1", "::1"},
    {"loopback", "127.0.0.1", ""},
    {"www.example.org", "192.0.2.1 192.0.2.2", "2001:db8::1"},
    {"www", "192.0.2.1", ""},
    {"example.org", "", ""},
    {"mapped", "192.0.2.3", ""},
    {"x.apps.example.org", "192.0.2.4", "2001:db8::4"},
    {"fixed.apps.example.org", "192.0.2.4", "2001:db8::4"},
    {"x.y.apps.example.org", "", ""},
    {"apps.example.org", "", ""},
    {"no", "", ""},
    {"bad", "", ""},
    {"last", "192.0.2.6", ""},
    {".", "", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(addresses_of(table, row.name, false), row.v4) << row.name;
    EXPECT_EQ(addresses_of(table, row.name, true), row.v6) << row.name;
  }
}

TEST(hosts_table, knows_the_names_of_addresses) {
  const hosts_table table{file, all};
  const struct {
    const char *address, *names;
  } rows[] = {
    {"127.0.0.1", "localhost. loopback."},
    {"::1", "localhost."},
    {"192.0.2.1", "www.example.org. www."},
    {"192.0.2.2", "www.example.org. other."},
    {"2001:db8::1", "www.example.org."},
    {"192.0.2.3", "mapped."},
    {"192.0.2.4", "fixed.apps.example.org."},
    {"192.0.2.5", ""},
    {"192.0.2.6", "last."},
    {"2001:db8::4", ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(names_of(table, row.address), row.names) << row.address;
}

TEST(hosts_table, leaves_out_what_nobody_wants) {
  const auto zone = *dns::name::from_text("example.org");
  const hosts_table table{file, [&](dns::name_view name) { return dns::is_subdomain(name, zone.wire()); }};
  EXPECT_EQ(addresses_of(table, "localhost", false), "");
  EXPECT_EQ(names_of(table, "192.0.2.1"), "www.example.org.");
}

TEST(hosts_table, ends_at_a_line_that_is_too_long) {
  const std::string text =
    "192.0.2.1 first\n192.0.2.2 " + std::string(hosts_table::max_line_octets, 'a') + "\n192.0.2.3 last\n";
  const hosts_table table{text, all};
  EXPECT_EQ(addresses_of(table, "first", false), "192.0.2.1");
  EXPECT_EQ(addresses_of(table, "last", false), "");
}

} // namespace
} // namespace troupe::hosts
