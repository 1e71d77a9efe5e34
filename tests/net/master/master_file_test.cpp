// SPDX-License-Identifier: Apache-2.0
#include "net/master/master_file.hpp"

#include "net/dns/text.hpp"
#include "net/master/generate.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace troupe;
using namespace std::string_literals;

namespace {

const std::map<std::string, std::string> other_files{
  {"zones/more.db", "more 5 A 192.0.2.7\n AAAA ::7\n$ORIGIN deep\n$TTL 9\nless CNAME more\n"},
  {"zones/self.db", "$INCLUDE self.db\n"},
  {"/etc/hosts.db", "abs 5 A 192.0.2.8\n"},
  {"zones/broken.db", "\n\nfine 5 A 192.0.2.9\nbroken 5 A 192.0.2\n"},
  {"zones/twice.db", "$INCLUDE more.db a\n$INCLUDE more.db b\n"},
};

/// All records, a line for each, and the error behind them.
std::string read_all(std::string_view text, std::string file = "zones/db.org") {
  std::string out;
  const auto include = [](const std::string& path) {
    using content = std::variant<std::string, std::string>;
    const auto found = other_files.find(path);
    return found == other_files.end() ? content{std::in_place_index<1>, "open " + path + ": no such file or directory"}
                                      : content{std::in_place_index<0>, found->second};
  };
  const auto error = master::read_master_file({text, std::move(file), *dns::name::from_text("example.org.")}, include,
                                              [&](const dns::record& r) -> std::optional<std::string> {
                                                out += dns::to_text(r) + '\n';
                                                if (r.type == 50)
                                                  return "no NSEC3 here";
                                                return std::nullopt;
                                              });
  return error ? out + *error : out;
}

} // namespace

TEST(master_file, reads_records_and_directives) {
  const struct {
    const char *text, *records;
  } cases[] = {
    {"", ""},
    {"; nothing\n\n   \n\t; at all", ""},
    {"$TTL 60\n@ NS ns\n NS ns2.\nns A 192.0.2.1\n   AAAA ::1\n",
     "example.org. 60 IN NS ns.example.org.\nexample.org. 60 IN NS ns2.\nns.example.org. 60 IN A 192.0.2.1\n"
     "ns.example.org. 60 IN AAAA ::1\n"},
    // The last TTL said counts, until there is $TTL.
    {"a 5 A 192.0.2.1\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd A 192.0.2.1\n",
     "a.example.org. 5 IN A 192.0.2.1\nb.example.org. 5 IN A 192.0.2.1\nc.example.org. 7 IN A 192.0.2.1\n"
     "d.example.org. 7 IN A 192.0.2.1\n"},
    {"$TTL 1h\na 5 A 192.0.2.1\nb A 192.0.2.1\n",
     "a.example.org. 5 IN A 192.0.2.1\nb.example.org. 3600 IN A 192.0.2.1\n"},
    {"$TTL 1\n$ORIGIN sub\na A 192.0.2.1\n$origin net.\nb A 192.0.2.1\n$ORIGIN @\nc A 192.0.2.1\n",
     "a.sub.example.org. 1 IN A 192.0.2.1\nb.net. 1 IN A 192.0.2.1\nc.net. 1 IN A 192.0.2.1\n"},
    {"a 5 MX ( 10 ; to\n\n  mail ) ; there\n 6 TXT \"multi\nline\"\n",
     "a.example.org. 5 IN MX 10 mail.example.org.\na.example.org. 6 IN TXT \"multi\\010line\"\n"},
    {"a 5 A 192.0.2.1\r\nb A 192.0.2.1\r\n", "a.example.org. 5 IN A 192.0.2.1\nb.example.org. 5 IN A 192.0.2.1\n"},
    {"a 5 A 192.0.2.1", "a.example.org. 5 IN A 192.0.2.1\n"},
    {"$FOO 5 A 192.0.2.1", "$FOO.example.org. 5 IN A 192.0.2.1\n"},
    {"$INCLUDE more.db\nx 3 A 192.0.2.1\n",
     "more.example.org. 5 IN A 192.0.2.7\nmore.example.org. 5 IN AAAA ::7\n"
     "less.deep.example.org. 9 IN CNAME more.deep.example.org.\nx.example.org. 3 IN A 192.0.2.1\n"},
    {"$TTL 8\n$INCLUDE more.db sub ; with an origin\n@ A 192.0.2.1\n",
     "more.sub.example.org. 5 IN A 192.0.2.7\nmore.sub.example.org. 8 IN AAAA ::7\n"
     "less.deep.sub.example.org. 9 IN CNAME more.deep.sub.example.org.\nexample.org. 8 IN A 192.0.2.1\n"},
    {"$INCLUDE /etc/hosts.db", "abs.example.org. 5 IN A 192.0.2.8\n"},
    {"$TTL 8\n$GENERATE 1-3 host$ A 192.0.2.$\n",
     "host1.example.org. 3600 IN A 192.0.2.1\nhost2.example.org. 3600 IN A 192.0.2.2\n"
     "host3.example.org. 3600 IN A 192.0.2.3\n"},
    {"$GENERATE 0-6/5 h${10,3,d} 5 IN CNAME x${0,4,x}.${4,2,X}$$\\$z ; twice\n",
     "h010.example.org. 5 IN CNAME x0000.04$$z.example.org.\nh015.example.org. 5 IN CNAME x0005.09$$z.example.org.\n"},
    {"$GENERATE 8-8 @ TXT \"a $ b\" ${0,0,o}\n", "example.org. 3600 IN TXT \"a 8 b\" \"10\"\n"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(read_all(c.text), c.records) << c.text;
}

TEST(master_file, says_where_what_is_wrong) {
  const struct {
    const char *text, *error;
  } cases[] = {
    {"www A 192.0.2.1", R"(missing TTL with no previous value: "A" at line: 1:6)"},
    {" 5 A 192.0.2.1", R"(bad owner name: "A" at line: 1:5)"},
    {"\n\n$TTL x", R"(expecting $TTL value, not this...: "x" at line: 3:6)"},
    {"$TTL 5 6", R"(garbage after rdata: "6" at line: 1:8)"},
    {"$TTL \"5\"", R"(expecting $TTL value, not this...: "\"" at line: 1:6)"},
    {" $TTL 5", R"(not a TTL: "$TTL" at line: 1:6)"},
    {"$ORIGIN a..b", R"(bad origin name: "a..b" at line: 1:12)"},
    {"$ORIGIN \"x\"", R"(expecting $ORIGIN value, not this...: "\"" at line: 1:9)"},
    {"$FOO 5", R"(expecting RR type or class, not this...: "\n" at line: 1:6)"},
    {"$INCLUDE no.db",
     "failed to open `no.db' as `zones/no.db': open zones/no.db: no such file or directory: \"no.db\" at line: 1:14"},
    {"$INCLUDE /no.db", "failed to open `/no.db': open /no.db: no such file or directory: \"/no.db\" at line: 1:15"},
    {"$INCLUDE more.db a..b", R"(bad origin name: "a..b" at line: 1:21)"},
    {"$INCLUDE more.db a b", R"(garbage after $INCLUDE: "b" at line: 1:20)"},
    {"$INCLUDE \"more.db\"", R"(expecting $INCLUDE value, not this...: "\"" at line: 1:10)"},
    {"$GENERATE 1 a A 192.0.2.$", R"(bad start-stop in $GENERATE range: "1" at line: 1:12)"},
    {"$GENERATE 3-1 a A 192.0.2.$", R"(bad range in $GENERATE range: "3-1" at line: 1:14)"},
    {"$GENERATE 1-3/0 a A 192.0.2.$", R"(bad step in $GENERATE range: "1-3/0" at line: 1:16)"},
    {"$GENERATE 0-65536 a A 192.0.2.$", R"(bad range in $GENERATE range: "0-65536" at line: 1:18)"},
    {"$GENERATE a-3 a A 192.0.2.$", R"(bad start in $GENERATE range: "a-3" at line: 1:14)"},
    {"$GENERATE 1-b a A 192.0.2.$", R"(bad stop in $GENERATE range: "1-b" at line: 1:14)"},
    {"$GENERATE 1-3", R"(garbage after $GENERATE range: "\n" at line: 1:13)"},
    {"$GENERATE 1-3 h${ A 192.0.2.1", R"(bad modifier in $GENERATE: "${ A 192.0.2.1" at line: 1:16)"},
    {"$GENERATE 1-3 h${0,1,q} A 192.0.2.1", R"(bad base in $GENERATE: "${0,1,q}" at line: 1:16)"},
    {"$GENERATE 1-3 h${0,1,d,4} A 192.0.2.1", R"(bad modifier in $GENERATE: "${0,1,d,4}" at line: 1:16)"},
    {"$GENERATE 1-3 h${x} A 192.0.2.1", R"(bad offset in $GENERATE: "${x}" at line: 1:16)"},
    {"$GENERATE 1-3 h${0,300} A 192.0.2.1", R"(bad width in $GENERATE: "${0,300}" at line: 1:16)"},
    {"$GENERATE 1-3 h${-5} A 192.0.2.1", R"(bad offset in $GENERATE: "${-5}" at line: 1:16)"},
    {"$GENERATE 1-3 $$INCLUDE more.db", R"($INCLUDE directive not allowed: "more.db" at line: 1:16)"},
    {"$GENERATE 1-3 $$GENERATE 1-3 a", R"(nested $GENERATE directive not allowed: "1-3" at line: 1:14)"},
    {"a 5 A 192.0.2.1\nb 5 A ( 192.0.2.1\n", R"(unbalanced brace: "unbalanced brace" at line: 2:17)"},
  };
  for (const auto& c : cases) {
    const std::string read = read_all(c.text);
    EXPECT_EQ(read.substr(std::min(read.find("zones/db.org: "), read.size())), "zones/db.org: dns: "s + c.error)
      << c.text << '\n'
      << read;
  }
  EXPECT_EQ(read_all("$INCLUDE broken.db"),
            "fine.example.org. 5 IN A 192.0.2.9\nzones/broken.db: dns: bad A A: \"192.0.2\" at line: 4:18");
  EXPECT_EQ(read_all("a 5 A 1", ""), "dns: bad A A: \"1\" at line: 1:7");
  EXPECT_EQ(read_all("$GENERATE 255-256 a 5 A 192.0.2.$"),
            "a.example.org. 5 IN A 192.0.2.255\nzones/db.org: dns: bad A A: \"192.0.2.256\" at line: 2:17");
  EXPECT_TRUE(read_all("a 5 NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A\nb 5 A 192.0.2.1")
                .ends_with("\nno NSEC3 here"));
}

TEST(master_file, has_limits) {
  EXPECT_EQ(read_all("$INCLUDE self.db"), "zones/self.db: dns: too deeply nested $INCLUDE: \"self.db\" at line: 1:16");
  size_t records = 0;
  const auto count = [&](const dns::record&) -> std::optional<std::string> {
    ++records;
    return std::nullopt;
  };
  EXPECT_EQ(master::read_master_file({"$GENERATE 0-65535 h$ A 192.0.2.1", "", {}}, {}, count), std::nullopt);
  EXPECT_EQ(records, 65'536u);
  std::string wide = "$GENERATE 0-65535 h TXT ";
  for (int i = 0; i < 2000; ++i)
    wide += "${0,255} ";
  records = 0;
  const auto error = master::read_master_file({wide, "", {}}, {}, count);
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->starts_with("dns: bad TXT Rdata") || error->starts_with("dns: $GENERATE makes lines")) << *error;
  EXPECT_LE(records, 1u);
}

TEST(master_file, generates_no_number_beyond_31_bits) {
  EXPECT_TRUE(std::holds_alternative<const char*>(master::range_from_text("0-9223372036854775808")));
  const auto range = master::range_from_text("9223372036854775806-9223372036854775807");
  ASSERT_TRUE(std::holds_alternative<master::generate_range>(range));
  const auto& numbers = std::get<master::generate_range>(range);
  EXPECT_TRUE(
    std::holds_alternative<master::generate_template::error>(master::generate_template::from_text("${1}", numbers)));
  size_t records = 0;
  EXPECT_EQ(master::read_master_file({"$GENERATE 9223372036854775806-9223372036854775807 h$ A 192.0.2.1", "", {}}, {},
                                     [&](const dns::record&) -> std::optional<std::string> {
                                       ++records;
                                       return std::nullopt;
                                     }),
            std::nullopt);
  EXPECT_EQ(records, 2u);
}
