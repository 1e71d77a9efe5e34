// SPDX-License-Identifier: Apache-2.0
#include "config/directives/file.hpp"
#include "config/duration.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using test::machine;

namespace {

const machine zone_files{{},
                         {{"db", "@ 60 SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"},
                          {"/etc/db", "@ 60 SOA ns admin 2 2 3 4 5\n$INCLUDE more\n"},
                          {"/etc/more", "more 60 A 192.0.2.1\n"},
                          {"broken", "@ 60 SOA ns admin 2 2 3 4 5\nwww A 192.0.2\n"},
                          {"loop", "$INCLUDE loop\n"},
                          {"bare", "www 60 A 192.0.2.1\n"}},
                         {}};

/// `APEX=PATH SERIAL RECORDS RELOAD[ mtime]; … | FALLTHROUGH`, `-` for a table that is not there.
std::string summary(const file_options& o) {
  std::string out;
  for (const auto& zone : o.zones)
    out += zone.apex.to_text() + '=' + zone.path + ' ' +
           (zone.table ? std::to_string(zone.table->serial()) + ' ' + std::to_string(zone.table->records()) : "-") +
           ' ' + duration_text(zone.reload) + (zone.by_mtime ? " mtime; " : "; ");
  out += '|';
  for (const auto& zone : o.fall_through_zones.zones())
    out += ' ' + zone.to_text();
  return out;
}

} // namespace

TEST(file, reads_what_coredns_reads) {
  struct {
    const char *key, *lines, *expected;
  } cases[] = {
    {"example.org:53", "file db", "example.org.=db 1 3 1m0s; |"},
    {"a.test b.test", "file db", "a.test.=db 1 3 1m0s; b.test.=db 1 3 1m0s; |"},
    {".:53", "file db A.test 10.0.0.0/8", "a.test.=db 1 3 1m0s; 10.in-addr.arpa.=db 1 3 1m0s; |"},
    {"example.org", "file /etc/db", "example.org.=/etc/db 2 2 1m0s; |"},
    {"example.org", "file none", "example.org.=none - 1m0s; |"},
    {".", "file db a.test {\nfallthrough\n}", "a.test.=db 1 3 1m0s; | ."},
    {".", "file db a.test {\nfallthrough x.a.test y.a.test\nupstream 8.8.8.8 more\n}",
     "a.test.=db 1 3 1m0s; | x.a.test. y.a.test."},
    // What is said of reloading holds for uses behind it, too.
    {".",
     "file db a.test {\nreload 30s\n}\nfile db b.test\nfile db c.test {\nreload_by_mtime\nreload 0\n}\nfile db d.test",
     "a.test.=db 1 3 30s; b.test.=db 1 3 30s; c.test.=db 1 3 0s mtime; d.test.=db 1 3 0s mtime; |"},
    // The last use of a zone counts.
    {".", "file db a.test\nfile /etc/db a.test", "a.test.=/etc/db 2 2 1m0s; |"},
  };
  for (const auto& c : cases) {
    auto result = test::planned(std::string{c.key} + " {\n" + c.lines + "\n}\n", zone_files);
    ASSERT_TRUE(result.plan) << c.lines << ": " << (result.error ? result.error->text() : "");
    EXPECT_EQ(summary(result.plan->blocks.at(0).own<file_options>("file")), c.expected) << c.lines;
  }
}

TEST(file, refuses_with_the_words_of_coredns) {
  struct {
    const char *lines, *expected;
  } cases[] = {
    {"file", "2 - Error during parsing: Wrong argument count or unexpected line ending after 'file'"},
    {"file db {\nreloud\n}", "3 - Error during parsing: unknown property 'reloud'"},
    {"file db {\nreload\n}", "3 - Error during parsing: reload duration value is expected"},
    {"file db {\nreload often\n}", "3 - Error during parsing: time: invalid duration \"often\""},
    {"file db {\nreload -5s\n}", "3 - Error during parsing: reload must not be negative: -5s"},
    {"file none {\nreload 0\n}", "4 - Error during parsing: open none: no such file or directory"},
    {"file bare", "2 - Error during parsing: file \"bare\" has no SOA record for origin example.org."},
    {"file broken", "2 - Error during parsing: failed to parse file \"broken\" for origin example.org. with error "
                    "broken: dns: bad A A: \"192.0.2\" at line: 2:13"},
    {"file loop", "2 - Error during parsing: failed to parse file \"loop\" for origin example.org. with error "
                  "loop: dns: too deeply nested $INCLUDE: \"loop\" at line: 1:13"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(std::string{"example.org {\n"} + c.lines + "\n}\n", zone_files),
              std::string{"plugin/file: Corefile:"} + c.expected)
      << c.lines;
}

TEST(file, warns_of_what_is_not_there_yet) {
  auto result = test::planned("example.org {\nfile none {\nreload 5s\n}\n}\n", zone_files);
  ASSERT_TRUE(result.plan);
  ASSERT_EQ(result.plan->warnings.size(), 1u);
  EXPECT_NE(result.plan->warnings[0].find(
              "plugin/file: Failed to open \"open none: no such file or directory\": trying again in 5s"),
            std::string::npos)
    << result.plan->warnings[0];
}
