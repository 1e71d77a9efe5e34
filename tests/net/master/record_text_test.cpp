// SPDX-License-Identifier: Apache-2.0
#include "net/master/record_text.hpp"

#include "net/dns/text.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

std::string read_line(std::string_view line, const char* origin = "example.org.") {
  const auto read = master::record_from_text(line, *dns::name::from_text(origin), 3600);
  if (const auto* error = std::get_if<std::string>(&read))
    return *error;
  return dns::to_text(std::get<dns::record>(read));
}

} // namespace

TEST(record_text, reads_what_master_files_have) {
  const struct {
    const char *line, *record;
  } cases[] = {
    {"www 60 IN A 192.0.2.1", "www.example.org. 60 IN A 192.0.2.1"},
    {"www IN 60 A 192.0.2.1", "www.example.org. 60 IN A 192.0.2.1"},
    {"www A 192.0.2.1", "www.example.org. 3600 IN A 192.0.2.1"},
    {"www 1h30m a 192.0.2.1", "www.example.org. 5400 IN A 192.0.2.1"},
    {"www 2W aaaa 2001:db8::1", "www.example.org. 1209600 IN AAAA 2001:db8::1"},
    {"  A 192.0.2.1", "example.org. 3600 IN A 192.0.2.1"},
    {"@ CNAME other", "example.org. 3600 IN CNAME other.example.org."},
    {"Www.Other.net. CNAME @", "Www.Other.net. 3600 IN CNAME example.org."},
    {"www CH TXT VERSION", "www.example.org. 3600 CH TXT \"VERSION\""},
    {"www CLASS3 TXT x", "www.example.org. 3600 CH TXT \"x\""},
    {"* MX 10 mail", "*.example.org. 3600 IN MX 10 mail.example.org."},
    {"@ SOA ns admin 1 2h 30m 1w 60",
     "example.org. 3600 IN SOA ns.example.org. admin.example.org. 1 7200 1800 604800 60"},
    {"@ SOA ns admin ( 1 ; serial\n 2\n 3 4\n\n5 ) ; end\n",
     "example.org. 3600 IN SOA ns.example.org. admin.example.org. 1 2 3 4 5"},
    {"_a._tcp SRV 0 5 80 web", "_a._tcp.example.org. 3600 IN SRV 0 5 80 web.example.org."},
    {R"(t TXT "one two" three "a\"b" "\065" "")", R"(t.example.org. 3600 IN TXT "one two" "three" "a\"b" "A" "")"},
    {R"(t TXT a\;b "c;d" ; comment)", R"(t.example.org. 3600 IN TXT "a;b" "c;d")"},
    {"t NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
     "t.example.org. 3600 IN NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:a@b!\" ."},
    {"t TYPE666 \\# 4 c000 0201", "t.example.org. 3600 IN TYPE666 \\# 4 c0000201"},
    {"t A \\# 4 c0000201", "t.example.org. 3600 IN A 192.0.2.1"},
    {"t TYPE1 192.0.2.1", "t.example.org. 3600 IN A 192.0.2.1"},
    {"t CAA 0 issue ca.example", "t.example.org. 3600 IN CAA \\# 17 00056973737565"
                                 "63612e6578616d706c65"},
    {"t TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000",
     "t.example.org. 3600 IN TLSA \\# 35 0301010000000000000000000000000000000000000000000000000000000000000000"},
    {"t DS 1 8 2 ( 0000000000000000000000000000000000000000000000000000 000000000001 )",
     "t.example.org. 3600 IN DS \\# 36 000108020000000000000000000000000000000000000000000000000000000000000001"},
    {"t NSEC a A RRSIG", "t.example.org. 3600 IN NSEC \\# 23 016107657861"
                         "6d706c65036f7267000006400000000002"},
    {"t HTTPS 1 . alpn=h2 port=8443", "t.example.org. 3600 IN HTTPS \\# 16 00010000010003026832000300022"
                                      "0fb"},
    {"t SVCB 0 svc", "t.example.org. 3600 IN SVCB \\# 19 0000037376630765"
                     "78616d706c65036f726700"},
    {"a\\.b A 192.0.2.1", "a\\.b.example.org. 3600 IN A 192.0.2.1"},
    {"t HINFO \"PC Intel\" Linux 6", R"(t.example.org. 3600 IN HINFO "PC Intel" "Linux 6")"},
    {"t HINFO \"PC Linux\"", R"(t.example.org. 3600 IN HINFO "PC" "Linux")"},
    {"t HTTPS 1 . alpn=\"h2\"", "t.example.org. 3600 IN HTTPS \\# 10 00010000010003026832"},
    {"t A 192.0.2.1\r\n", "t.example.org. 3600 IN A 192.0.2.1"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(read_line(c.line), c.record) << c.line;
  EXPECT_EQ(read_line("www A 192.0.2.1", "."), "www. 3600 IN A 192.0.2.1");
}

TEST(record_text, says_in_the_words_of_coredns_what_is_wrong) {
  const struct {
    const char *line, *error;
  } cases[] = {
    {"", "dns: no record"},
    {"; nothing", "dns: no record"},
    {"www A 192.0.2", R"(dns: bad A A: "192.0.2" at line: 1:13)"},
    {"www A 2001:db8::1", R"(dns: bad A A: "2001:db8::1" at line: 1:17)"},
    {"www AAAA 192.0.2.1", R"(dns: bad AAAA AAAA: "192.0.2.1" at line: 1:18)"},
    {"www A 192.0.2.1 more", R"(dns: garbage after rdata: "more" at line: 1:20)"},
    {"www A", R"(dns: unexpected newline: "\n" at line: 1:5)"},
    {"www MX ten mail", R"(dns: bad MX Pref: "ten" at line: 1:11)"},
    {"www MX 70000 mail", R"(dns: bad MX Pref: "70000" at line: 1:13)"},
    {"www MX 10", R"(dns: bad MX Mx: "\n" at line: 1:9)"},
    {"www CNAME a..b", R"(dns: bad CNAME Target: "a..b" at line: 1:14)"},
    {"a..b A 192.0.2.1", R"(dns: bad owner name: "a..b" at line: 1:5)"},
    {"www FOO 192.0.2.1", R"(dns: not a TTL: "FOO" at line: 1:8)"},
    {"www 60 FOO 192.0.2.1", R"(dns: expecting RR type or class, not this...: "FOO" at line: 1:11)"},
    {"www 60 IN FOO 192.0.2.1", R"(dns: unknown RR type: "FOO" at line: 1:14)"},
    {"@ SOA ns admin 1h 2 3 4 5", R"(dns: bad SOA zone parameter: "1h" at line: 1:18)"},
    {"@ SOA ns admin 1 2 3 4", R"(dns: bad SOA zone parameter: "\n" at line: 1:22)"},
    {"www TYPE70000 x", R"(dns: unknown RR type: "unknown RR type" at line: 1:14)"},
    {"www TYPE218010 x", R"(dns: unknown RR type: "unknown RR type" at line: 1:15)"},
    {"www CLASS70000 A 192.0.2.1", R"(dns: unknown class: "unknown class" at line: 1:15)"},
    {"www IN CH A 192.0.2.1", R"(dns: expecting RR type or TTL, not this...: "CH" at line: 1:10)"},
    {"t CAA 300 issue ca.example", R"(dns: bad CAA Flag: "300" at line: 1:10)"},
    {"www CNAME \"other\"", R"(dns: bad CNAME Target: "\"" at line: 1:11)"},
    {"www A ( 192.0.2.1", R"(dns: unbalanced brace: "unbalanced brace" at line: 1:17)"},
    {"www A 192.0.2.1 )", R"(dns: extra closing brace: "extra closing brace" at line: 1:17)"},
    {"www TXT \"open", R"(dns: unbalanced quote: "\"" at line: 1:9)"},
    {"www A \\# 4 c00002", R"(dns: bad RFC3597 Rdata: "4" at line: 1:11)"},
    {"www DS 1 8", R"(dns: bad DS Rdata: "1" at line: 1:9)"},
    {"$ORIGIN example.net.", R"(dns: not a TTL: "example.net." at line: 1:20)"},
    {"a A 192.0.2.1\nb A 192.0.2.1", R"(dns: garbage after record: "b" at line: 2:2)"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(read_line(c.line), c.error) << c.line;
}

TEST(record_text, has_limits) {
  const std::string long_string(300, 'x');
  EXPECT_EQ(read_line("t TXT " + long_string),
            "t.example.org. 3600 IN TXT \"" + long_string.substr(0, 255) + "\" \"" + long_string.substr(255) + '"');
  EXPECT_TRUE(read_line("t HINFO " + long_string + " os").starts_with("dns: bad HINFO Fields"));
  EXPECT_TRUE(read_line("t TXT " + std::string(65'600, 'x')).starts_with("dns: bad TXT Rdata"));
  EXPECT_TRUE(read_line("t TXT " + std::string(1 << 20, 'x')).starts_with("dns: record longer than"));
  EXPECT_TRUE(read_line("t OPENPGPKEY " + std::string(270'000, 'A')).starts_with("dns: bad OPENPGPKEY Rdata"));
  EXPECT_TRUE(read_line(std::string(64, 'x') + " A 192.0.2.1").starts_with("dns: bad owner name"));
  EXPECT_TRUE(read_line("4294967296s 4294967296 A 192.0.2.1").starts_with("dns: not a TTL"));
}
