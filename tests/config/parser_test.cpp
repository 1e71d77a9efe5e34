// SPDX-License-Identifier: Apache-2.0
#include "config/parser.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using test::machine;

namespace {

/// `key key{name:word word|name:…}` for each block, or the error.
std::string shape(const std::string& text, const machine& m = {}) {
  auto result = parse("/etc/coredns/Corefile", text, m.env());
  if (result.error)
    return result.error->text();
  std::string out;
  for (const auto& block : result.blocks) {
    for (size_t i = 0; i < block.keys.size(); ++i)
      out += (i ? " " : "") + block.keys[i].text;
    out += "{";
    for (size_t i = 0; i < block.directives.size(); ++i) {
      out += (i ? "|" : "") + block.directives[i].name + ":";
      for (size_t w = 1; w < block.directives[i].words.size(); ++w)
        out += (w > 1 ? " " : "") + block.directives[i].words[w].text;
    }
    out += "}";
  }
  return out;
}

std::string at(int line, const std::string& what) {
  return "/etc/coredns/Corefile:" + std::to_string(line) + " - " + what;
}

} // namespace

TEST(parser, reads_blocks) {
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {"", ""},
    {".", ".{}"},
    {".:53\n", ".:53{}"},
    {".:53 {\n}\n", ".:53{}"},
    {".:53\nerrors\nlog . {\nclass error\n}\n", ".:53{errors:|log:. { class error }}"},
    {".:53 {\nerrors\n}\na b {\nlog\n}", ".:53{errors:}a b{log:}"},
    {"a, b,\nc:54 {\n}", "a b c:54{}"},
    {"a,\n\n# comment\nb {\n}", "a b{}"},
    {"a b.:53 {\nerrors {\n}\n}", "a b.:53{errors:{ }}"},
    {".:53 { # comment\n errors # another { \n} # STUBDOMAINS\n", ".:53{errors:}"},
    {".:53 {\nforward . \"/etc/resolv.conf\"\n}", ".:53{forward:. /etc/resolv.conf}"},
    {".:53 {\nhosts {\n10.0.0.1 x\nfallthrough\n}\n}", ".:53{hosts:{ 10.0.0.1 x fallthrough }}"},
    {".:53 {\nlog\nlog a\n}", ".:53{log:|log:a}"},
    {"{\nerrors\n}", ""}, // no keys: CoreDNS drops the block
    {"\"\" a {\n}", "a{}"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(shape(c.text), c.expected) << c.text;
}

TEST(parser, says_what_is_wrong_and_where) {
  const std::string still_open =
    ": the file ends, and the block that begins at /etc/coredns/Corefile:1 is still open; close it with '}'";
  struct {
    const char* text;
    int line;
    std::string what;
  } cases[] = {
    {".:53 {", 1, "Syntax error: Unexpected token '{', expecting '}'" + still_open},
    {".:53 {\n errors\n", 2, "Syntax error: Unexpected token 'errors', expecting '}'" + still_open},
    {".:53 {\n health {\n lameduck 5s\n", 3,
     "Error during parsing: Unexpected EOF: the braces of 'health' are still open; close them with '}'"},
    {"a {\n errors\n\nb.org:53 {\n errors\n}\n", 4,
     "Error during parsing: Unknown directive 'b.org:53'; if a server block begins here, the one above it lacks its "
     "'}'"},
    {".:53 {\n frobnicate\n}", 2, "Error during parsing: Unknown directive 'frobnicate'"},
    {".:53 {\n errors\n}}", 3, "Error during parsing: Unknown directive '}}'"},
    {".:53 {\n errors }\n", 2, "Error during parsing: Unexpected '}' because no matching opening brace"},
    {".:53, {\n}", 1, "Error during parsing: Expected another address but had '{' - check for extra comma"},
    {".:53,", 1, "Error during parsing: Unexpected EOF"},
    {"a\nb {\n}", 2, "Error during parsing: Unknown directive 'b'"},
    {".:53 {\n health\n {\n lameduck 5s\n }\n}", 3,
     "Error during parsing: Unexpected '{' on a line of its own, it belongs on the line of 'health'"},
    {"import", 1, "Error during parsing: Wrong argument count or unexpected line ending after 'import'"},
    {"import\nx", 1, "Error during parsing: Wrong argument count or unexpected line ending after 'import'"},
    {"import a b", 1, "Error during parsing: Import takes only one argument (glob pattern or file)"},
    {"import \"\"", 1, "Error during parsing: Import requires a non-empty filepath"},
    {". {\n import none\n}", 2, "Error during parsing: File to import not found: none"},
    {"import a*b*c", 1,
     "Error during parsing: Glob pattern may only contain one wildcard (*), but has others: /etc/coredns/a*b*c"},
    {"(a)", 1, ""},
    {"(a)\nerrors", 2, "Syntax error: Unexpected token 'errors', expecting '{'"},
    {"(a) {\nerrors", 2, "Syntax error: Unexpected token 'errors', expecting '}'"},
    {"(a) {\n}\n(a) {\n}", 3, "Error during parsing: redeclaration of previously declared snippet a"},
    {"(a) {\nimport a\n}", 3, "Error during parsing: maximum snippet import depth (10000) exceeded"},
  };
  for (const auto& c : cases) {
    const auto got = shape(c.text);
    EXPECT_EQ(got, c.what.empty() ? "(a){}" : at(c.line, c.what)) << c.text;
  }
}

/// CoreDNS takes the last brace of the file for the block's, whosever it is.
TEST(parser, warns_of_a_last_brace_that_is_missing) {
  const machine m;
  auto result = parse("Corefile", ".:53 {\n health {\n lameduck 5s\n }\n", m.env());
  ASSERT_FALSE(result.error) << result.error->text();
  ASSERT_EQ(result.blocks.size(), 1u);
  EXPECT_EQ(result.blocks[0].directives.size(), 1u);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0],
            "Corefile:4 - Error during parsing: the file ends, and the block that begins at Corefile:1 "
            "lacks its own '}'; close it");
}

TEST(parser, imports_snippets_and_files) {
  machine m;
  m.files = {{"/etc/coredns/custom/a.override", "log\n"},
             {"/etc/coredns/custom/b.override", "errors {\n stacktrace\n}\n"},
             {"/etc/coredns/custom/x.server", "x.org:53 {\n import beside\n}\n"},
             {"/etc/coredns/custom/y.server", "y.org {\n}"},
             {"/etc/coredns/custom/beside", "whoami"},
             {"/etc/coredns/hosts.inc", "10.0.0.1 x\n10.0.0.2 y\n"},
             {"/elsewhere/one", "log one"}};
  m.variables = {{"WHAT", "custom"}, {"ZONE", "z.org"}, {"DIRECTIVE", "log"}};
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {".:53 {\nerrors\nimport custom/*.override\nready\n}", ".:53{errors:|log:|errors:{ stacktrace }|ready:}"},
    {".:53 {\nerrors\n}\nimport custom/*.server", ".:53{errors:}x.org:53{whoami:}y.org{}"},
    {"import custom/*.server\n.:53 {\n}", "x.org:53{whoami:}y.org{}.:53{}"},
    {"import none/*.server\n.:53 {\n}", ".:53{}"},
    {".:53 {\n}\nimport none/*.server\n", ".:53{}"},
    {".:53 {\nimport {$WHAT}/*.override\n}", ".:53{log:|errors:{ stacktrace }}"},
    {".:53 {\nimport /elsewhere/one\n}", ".:53{log:one}"},
    {".:53 {\nhosts {\nimport hosts.inc\nfallthrough\n}\n}", ".:53{hosts:{ 10.0.0.1 x 10.0.0.2 y fallthrough }}"},
    {"(s) {\nerrors\nlog {$ZONE}\n}\n.:53 {\nready\nimport s\nhealth\n}", ".:53{ready:|errors:|log:z.org|health:}"},
    {"(s) { errors }\n.:53 {\nlog\nimport s\nready\n}", ".:53{log:|errors:|ready:}"},
    {"(s) {\nlog\n}\n(t) {\nimport s\nready\nimport s\n}\na {\nimport t\n}\nb {\nimport s\n}",
     "a{log:|ready:|log:}b{log:}"},
    {"(s) {\nlameduck 5s\n}\n.:53 {\nhealth {\nimport s\n}\n}", ".:53{health:{ lameduck 5s }}"},
    {"(s) {\n}\n.:53 {\nimport s\n}", ".:53{}"},
    {"{$ZONE}:53 {\n{$DIRECTIVE} {%ZONE%} \"{$NONE}\"\n}", "z.org:53{log:z.org }"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(shape(c.text, m), c.expected) << c.text;
}

TEST(parser, warns_of_a_pattern_that_fits_nothing) {
  const machine m;
  auto result = parse("/etc/coredns/Corefile", "import custom/*.server\n", m.env());
  ASSERT_FALSE(result.error);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0], "No files matching import glob pattern: custom/*.server");
}

TEST(parser, names_the_imported_file_in_errors) {
  machine m;
  m.files = {{"/etc/coredns/more", "log\n\nfrobnicate\n"}};
  EXPECT_EQ(shape(".:53 {\nimport more\n}", m),
            "/etc/coredns/more:3 - Error during parsing: Unknown directive 'frobnicate'");
}

TEST(parser, ends_imports_without_end) {
  machine m;
  m.files = {{"/etc/coredns/self", "import self\n"},
             {"/etc/coredns/ping", "log\nimport pong\n"},
             {"/etc/coredns/pong", "\nimport ping\n"}};
  const std::string endless = " - Error during parsing: maximum import depth exceeded: ";
  EXPECT_EQ(shape("import self", m), "/etc/coredns/self:1" + endless + "'self' imports itself");
  EXPECT_EQ(shape(".:53 {\nimport ping\n}", m), "/etc/coredns/ping:2" + endless + "'pong' imports itself");
  EXPECT_EQ(shape("(a) {\nimport b\n}\n(b) {\nimport a\n}\n.:53 {\nimport a\n}"),
            at(5, "Error during parsing: maximum import depth exceeded: 'a' imports itself"));
}

TEST(parser, ends_imports_that_double) {
  const auto twice = [](const std::string& name) { return "import " + name + "\nimport " + name + "\n"; };
  std::string snippets = "(0) {\nlog a b c\n}\n";
  machine m;
  m.files["/etc/coredns/f0"] = "log a b c\n";
  for (int i = 1; i <= 40; ++i) {
    snippets += "(" + std::to_string(i) + ") {\n" + twice(std::to_string(i - 1)) + "}\n";
    m.files["/etc/coredns/f" + std::to_string(i)] = twice("f" + std::to_string(i - 1));
  }
  EXPECT_NE(shape(snippets + ".:53 {\nimport 40\n}\n").find("maximum snippet import depth (10000) exceeded"),
            std::string::npos);
  EXPECT_NE(shape(".:53 {\nimport f40\n}\n", m).find("maximum file import depth (100000) exceeded"), std::string::npos);
}
