// SPDX-License-Identifier: Apache-2.0
#include "config/go_regexp.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

using troupe::config::re2_of;

TEST(go_regexp, names_groups_as_every_re2_knows_them) {
  struct {
    const char *go, *re2;
    bool valid; ///< to RE2 then
  } cases[] = {
    {"", "", true},
    {"plain", "plain", true},
    {"(?<n>x)", "(?P<n>x)", true},
    {"(?P<n>x)", "(?P<n>x)", true},
    {"a(?<n>(?<m>x))", "a(?P<n>(?P<m>x))", true},
    {"[(?<n>]", "[(?<n>]", true},
    {"[](?<n>]", "[](?<n>]", true},
    {"[^](?<n>](?<n>x)", "[^](?<n>](?P<n>x)", true},
    {"[[:alpha:](?<]", "[[:alpha:](?<]", true},
    {R"([\](?<n>])", R"([\](?<n>])", true},
    {R"(\(?<n>x)", R"(\(?<n>x)", true},
    {R"(\\(?<n>x))", R"(\\(?P<n>x))", true},
    {R"(\Q(?<n>\E(?<n>x))", R"(\Q(?<n>\E(?P<n>x))", true},
    {R"(\Q(?<n>)", R"(\Q(?<n>)", true},
    {"(?<=x)", "(?<=x)", false},
    {"(?<!x)", "(?<!x)", false},
    {"(?<>x)", "(?P<>x)", false},
    {"[(?<n>x", "[(?<n>x", false},
    {"x\\", "x\\", false},
    {"(?<", "(?P<", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(re2_of(c.go), c.re2) << c.go;
    EXPECT_EQ(re2::RE2(re2_of(c.go), re2::RE2::Quiet).ok(), c.valid) << c.go;
  }
}
