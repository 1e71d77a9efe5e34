// SPDX-License-Identifier: Apache-2.0
#include "config/corefile.hpp"
#include "config/flags.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using test::machine;

namespace {

/// What differs from no flags at all, or the first line of the early end and its status.
std::string read(std::vector<const char*> words) {
  auto got = parse_flags(words);
  if (auto* end = std::get_if<early_end>(&got))
    return end->text.substr(0, end->text.find('\n')) + " " + std::to_string(end->status);
  const auto& f = std::get<command_line>(got);
  std::string out = f.conf + " " + f.dns_port + " " + f.pidfile;
  for (auto [set, name] : {std::pair{f.plugins, " plugins"},
                           {f.quiet, " quiet"},
                           {f.version, " version"},
                           {f.validate, " validate"},
                           {f.migrate, " migrate"}})
    out += set ? name : "";
  return out;
}

} // namespace

TEST(flags, are_go_flags) {
  struct {
    std::vector<const char*> words;
    const char* expected;
  } cases[] = {
    {{}, " 53 "},
    {{"-conf", "/etc/coredns/Corefile"}, "/etc/coredns/Corefile 53 "},
    {{"--conf=a", "-p", "1", "-dns.port=2", "-pidfile", "f"}, "a 2 f"},
    {{"-conf", "-quiet"}, "-quiet 53 "},
    {{"-conf="}, " 53 "},
    {{"-plugins", "--quiet", "-version", "-validate", "-migrate"}, " 53  plugins quiet version validate migrate"},
    {{"-quiet=false", "-version=T", "-plugins=0"}, " 53  version"},
    {{"-quiet=maybe"}, "invalid boolean value \"maybe\" for -quiet: parse error 2"},
    {{"-conf"}, "flag needs an argument: -conf 2"},
    {{"-windows"}, "flag provided but not defined: -windows 2"},
    {{"---conf"}, "bad flag syntax: ---conf 2"},
    {{"-=x"}, "bad flag syntax: -=x 2"},
    {{"-help"}, "Usage of troupe: 0"},
    {{"--h"}, "Usage of troupe: 0"},
    {{"a", "b"}, "extra command line arguments: [a b] 1"},
    {{"-quiet", "false"}, "extra command line arguments: [false] 1"},
    {{"--", "-quiet"}, "extra command line arguments: [-quiet] 1"},
    {{"--"}, " 53 "},
    {{"-"}, "extra command line arguments: [-] 1"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(read(c.words), c.expected);
}

TEST(flags, version_can_be_read_as_that_of_coredns) {
  const std::string text = version_text("0.1.0", "abc123");
  EXPECT_TRUE(text.starts_with("CoreDNS-1.14.7\nlinux/")) << text;
  EXPECT_NE(text.find(", abc123\nTroupe-0.1.0\n"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_EQ(std::count(text.begin(), text.end(), ','), 2);
}

TEST(corefile, comes_from_where_the_flags_say) {
  machine m;
  m.files = {{"/etc/coredns/Corefile", ". {\n}\n"}};
  command_line flags;
  flags.conf = "/etc/coredns/Corefile";
  auto found = load_corefile(flags, m.env());
  ASSERT_TRUE(std::holds_alternative<corefile>(found));
  EXPECT_EQ(std::get<corefile>(found).file, "/etc/coredns/Corefile");
  EXPECT_EQ(std::get<corefile>(found).text, ". {\n}\n");
  flags.conf = "/none";
  auto missing = load_corefile(flags, m.env());
  ASSERT_TRUE(std::holds_alternative<std::string>(missing));
  EXPECT_EQ(std::get<std::string>(missing), "loading Caddyfile via flag: open /none: no such file or directory; "
                                            "name a Corefile that can be read with -conf");
}
