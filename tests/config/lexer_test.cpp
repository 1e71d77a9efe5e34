// SPDX-License-Identifier: Apache-2.0
#include "config/lexer.hpp"
#include "config/parser.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;

namespace {

/// `word@line` for each token, with `!` behind those that start a line.
std::string words(std::string_view text) {
  std::string out;
  for (const auto& t : lex(text, std::make_shared<const std::string>("Corefile")))
    out += (out.empty() ? "" : " ") + t.text + "@" + std::to_string(t.line) + (t.starts_line ? "!" : "");
  return out;
}

} // namespace

TEST(lexer, cuts_words_and_knows_their_lines) {
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {"", ""},
    {" \t\r\n\v\f ", ""},
    {".:53 {\n  errors\n}\n", ".:53@1! {@1 errors@2! }@3!"},
    {"a b\r\nc\r\n", "a@1! b@1 c@2!"},
    {"a\rb", "ab@1!"},
    {"\xEF\xBB\xBF"
     "a",
     "a@1!"},
    {"# all of it\na # rest \"of\" it\nb", "a@2! b@3!"},
    {"a#b c\nd", "a@1! c@1 d@2!"}, // only the rest of the word, as in CoreDNS
    {"loop#c x", "loop@1! x@1"},
    {"a#\"b c\" #d e", "a@1! c\"@1"},
    {"a#b#\r\nc", "a@1! c@2!"},
    {"} # STUBDOMAINS\n# {", "}@1!"},
    {"#", ""},
    {"\"a b\" c", "a b@1! c@1"},
    {"\"#no comment\"", "#no comment@1!"},
    {"\"two\nlines\" same\nnext", "two\nlines@1! same@2 next@3!"},
    {R"("a \"b\" \n \\")", "a \"b\" \\n \\\\@1!"},
    {"\"\" x", "@1! x@1"},
    {"a\"b\" \"c\"d", "a\"b\"@1! c@1 d@1"},
    {"\"never closed\n", "never closed\n@1!"},
    {"\"a\\", "a\\@1!"},
    {"a\xC2\xA0"
     "b\xE2\x80\x83"
     "c\xE3\x80\x80"
     "d",
     "a@1! b@1 c@1 d@1"},
    {"\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC@1!"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(words(c.text), c.expected) << c.text;
}

TEST(variables, are_replaced_once) {
  environment env;
  env.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A")
      return "one";
    if (name == "LOOP")
      return "{$LOOP}{$LOOP}";
    return std::nullopt;
  };
  struct {
    const char* text;
    const char* expected;
  } cases[] = {
    {"plain", "plain"},
    {"{$A}", "one"},
    {"{%A%}", "one"},
    {"x{$A}y{%A%}z", "xoneyonez"},
    {"{$NONE}", ""},
    {"{$}{$A}", "{$}{$A}"},
    {"{$A", "{$A"},
    {"{%A}", "{%A}"},
    {"{name}", "{name}"},
    {"", ""},
    {"{$LOOP}", "{$LOOP}{$LOOP}"},
    {"{$A}{$A}{$A}", "oneoneone"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(replace_variables(c.text, env), c.expected) << c.text;
}
