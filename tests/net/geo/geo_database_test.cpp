// SPDX-License-Identifier: Apache-2.0
#include "net/geo/geo_database.hpp"
#include "tests/net/geo/made_database.hpp"

#include <gtest/gtest.h>

#include <array>

namespace troupe::geo {
namespace {

using namespace made;

constexpr std::array<uint8_t, 4> client{192, 0, 2, 1};

geo_database_ptr good(const file& from) {
  auto opened = geo_database::open(from.path());
  auto* const bad = std::get_if<std::string>(&opened);
  EXPECT_FALSE(bad) << *bad;
  return bad ? nullptr : std::get<geo_database_ptr>(opened);
}

std::string problem(const std::string& octets) {
  const file one{octets};
  auto opened = geo_database::open(one.path());
  const auto* bad = std::get_if<std::string>(&opened);
  return bad ? *bad : "none";
}

/// What a label is for each address, `-` if there is none, and why the file cannot be opened.
std::string label_in(const std::string& data, const std::string& name, const std::string& type = "GeoLite2-City") {
  const file one{database(data, type)};
  auto opened = geo_database::open(one.path());
  if (auto* bad = std::get_if<std::string>(&opened))
    return *bad;
  return std::get<geo_database_ptr>(opened)->label(name, client).value_or("-");
}

std::string named(const std::string& name) {
  return map(1, text("names") + map(1, text("en") + text(name)));
}

TEST(geo_database, labels_of_a_city) {
  const std::string data = map(
    5, text("city") + named("Here") + text("country") +
         map(2, text("iso_code") + text("XX") + text("is_in_european_union") + boolean(true)) + text("subdivisions") +
         array(3, map(1, text("iso_code") + text("A")) + map(0, "") + map(1, text("iso_code") + text("B"))) +
         text("other") + array(2, map(1, text("deep") + array(1, number(1))) + number(2)) + text("postal") +
         map(1, text("code") + text("123")));
  const struct {
    const char* label;
    const char* want;
  } rows[] = {
    {"city/name", "Here"},
    {"country/code", "XX"},
    {"country/name", ""},
    {"country/is_in_european_union", "true"},
    {"subdivisions/code", "A,,B"},
    {"postalcode", "123"},
    {"latitude", ""},
    {"city", "-"},
    {"", "-"},
    {"asn/number", "-"},
    {"asn/org", "-"},
  };
  for (auto& row : rows)
    EXPECT_EQ(label_in(data, row.label), row.want) << row.label;
}

TEST(geo_database, labels_of_a_network) {
  const std::string data =
    map(2, text("autonomous_system_number") + number(64500) + text("autonomous_system_organization") + text("ORG"));
  EXPECT_EQ(label_in(data, "asn/number", "GeoLite2-ASN"), "64500");
  EXPECT_EQ(label_in(data, "asn/org", "GeoIP2-ISP"), "ORG");
  EXPECT_EQ(label_in(data, "city/name", "GeoLite2-ASN"), "-");
  EXPECT_EQ(label_in(map(0, ""), "asn/number", "GeoLite2-ASN"), "0");
}

/// Each of them is read at the start, for an address that CoreDNS asks for, too.
TEST(geo_database, what_is_not_as_it_should_be_cannot_be_read) {
  const std::string shared = named("Shared"), city = text("city");
  const std::string many(70'000, 'x');
  const struct {
    const char* what;
    std::string data;
  } rows[] = {
    {"no map", text("city")},
    {"a number as a name", map(1, city + map(1, text("names") + map(1, text("en") + number(5))))},
    {"a number as a name in another language", map(1, city + map(1, text("names") + map(1, text("de") + number(5))))},
    {"names that are no map", map(1, city + map(1, text("names") + text("x")))},
    {"keys that are no texts", map(1, number(1) + number(2))},
    {"subdivisions that are no list", map(1, text("subdivisions") + map(0, ""))},
    {"degrees in text", map(1, text("location") + map(1, text("latitude") + text("5")))},
    {"a bool in text", map(1, text("country") + map(1, text("is_in_european_union") + text("true")))},
    {"more members than there are", map(1000, city + shared)},
    {"more members than any file has", control(7, 16'000'000)},
    {"a pointer to itself", map(1, city + pointer(1 + static_cast<unsigned>(city.size())))},
    {"a pointer out of the data", map(1, city + pointer(2047))},
    {"a name without end", map(1, city + named(many))},
    {"an array of more than can be read", map(1, text("x") + array(20'000, std::string(20'000 * 2, '\xa0')))},
  };
  for (auto& row : rows)
    EXPECT_EQ(label_in(row.data, "city/name").substr(0, 41), "unexpected failure looking up database \"t") << row.what;
}

/// Nothing recurses: neither the stack nor the time depends on how deep something is.
TEST(geo_database, depth_costs_nothing) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i)
    deep += control(11, 1);
  EXPECT_EQ(label_in(map(2, text("x") + deep + map(0, "") + text("city") + named("N")), "city/name").substr(0, 10),
            "unexpected");
  const std::string round = map(1, text("city") + map(1, text("names") + pointer(0)));
  EXPECT_EQ(label_in(round, "city/name"), "") << "what it leads to has no name";
  EXPECT_EQ(label_in(map(2, text("x") + pointer(0) + text("city") + named("N")), "city/name"), "N") << "not followed";
}

TEST(geo_database, refuses_in_the_words_of_coredns) {
  const std::string whole = database(map(0, ""));
  const struct {
    const char* what;
    std::string octets, words;
  } rows[] = {
    {"good", whole, "none"},
    {"empty", "", "failed to open database file: file is empty"},
    {"text", std::string(5000, 'x'), "failed to open database file: error opening database: invalid MaxMind DB file"},
    {"metadata alone", metadata("GeoLite2-City", 1 << 20),
     "failed to open database file: the MaxMind DB contains invalid metadata"},
    {"metadata cut", whole.substr(0, whole.size() - 20),
     "failed to open database file: the MaxMind DB contains invalid metadata"},
    {"unknown type", database(map(0, ""), "x"),
     "failed to open database file: geoip2: reader does not support the \"x\" database type"},
    {"another type", database(map(0, ""), "GeoIP2-Domain"),
     "database does not provide any supported schema (city, asn)"},
  };
  for (auto& row : rows)
    EXPECT_EQ(problem(row.octets), row.words) << row.what;
  const auto no_file = geo_database::open("/nowhere/x.mmdb");
  EXPECT_EQ(std::get<std::string>(no_file),
            "failed to open database file: open /nowhere/x.mmdb: no such file or directory");
  EXPECT_EQ(std::get<std::string>(geo_database::open("/tmp")),
            "failed to open database file: read /tmp: is a directory");
}

TEST(geo_database, what_happens_to_the_file_does_not_happen_to_it) {
  file one{database(map(1, text("city") + named("Before")))};
  const auto before = good(one);
  EXPECT_EQ(before, good(one)) << "the same file";
  one.write("");
  EXPECT_EQ(before->label("city/name", client), "Before");
  one.write(database(map(1, text("city") + named("Afterwards"))));
  EXPECT_EQ(good(one)->label("city/name", client), "Afterwards");
  EXPECT_EQ(before->label("city/name", client), "Before");
}

} // namespace
} // namespace troupe::geo
