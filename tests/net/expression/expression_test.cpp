// SPDX-License-Identifier: Apache-2.0
#include "net/expression/expression.hpp"

#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"

#include <gtest/gtest.h>

using namespace troupe::expressions;

namespace {

const surroundings known{
  {{"name", {}, type::text}, {"size", {}, type::integer}, {"metadata", {type::text}, type::text}},
  troupe::config::re2_of,
  troupe::config::go_error_text};

class played_host final : public host {
public:
  std::variant<value, std::string> call(size_t function, std::span<const value>) override {
    if (function == 0)
      return value{std::string{"www.example.org."}};
    return function == 1 ? std::variant<value, std::string>{value{int64_t{40}}} : std::string{"no metadata"};
  }
};

std::string said(std::string_view source) {
  auto made = expression::compile(source, known);
  if (auto* bad = std::get_if<std::string>(&made))
    return *bad;
  played_host calls;
  auto got = std::get<expression>(made).run(calls);
  if (auto* bad = std::get_if<expression::failure>(&got))
    return "failed: " + bad->words;
  const value& v = std::get<value>(got);
  if (const auto* b = v.get<bool>())
    return *b ? "true" : "false";
  if (const auto* n = v.get<int64_t>())
    return std::to_string(*n);
  if (const auto* s = v.get<std::string>())
    return *s;
  return "another";
}

} // namespace

/// As expr 1.17.8 says.
TEST(expression, says_what_expr_says) {
  const std::pair<std::string, std::string> rows[] = {
    {"name() in ['a', 'www.example.org.']", "true"},
    {"name() endsWith 'example.org.' && not (size() > 100)", "true"},
    {"name() not contains 'x' or false", "false"},
    {"name() matches '^www[.]'", "true"},
    {"1 < size() < 100 ? 'small' : 'big'", "small"},
    {"-1 ** 2 == -1 and 7 % 4 == 3", "true"},
    {"2 in 1..3", "true"},
    {"[1,2,3][-1]", "3"},
    {"nil ?? lower('ABC')", "abc"},
    {"metadata('x')", "failed: no metadata"},
    {"nothing()", "unknown name nothing (1:1)\n | nothing()\n | ^"},
    {"name() == 1", "invalid operation: == (mismatched types string and int) (1:8)\n | name() == 1\n | .......^"},
    {"metadata()", "not enough arguments to call metadata (1:1)\n | metadata()\n | ^"},
    {"1 ? 2 : 3", "non-bool expression (type int) used as condition (1:1)\n | 1 ? 2 : 3\n | ^"},
    {"1 +", "unexpected token EOF (1:3)\n | 1 +\n | ..^"},
    {"name() matches '('", "error parsing regexp: missing closing ): `(` (1:8)\n | name() matches '('\n | .......^"},
  };
  for (const auto& [source, expected] : rows)
    EXPECT_EQ(said(source), expected) << source;
}

TEST(expression, has_bounds) {
  std::string sums = "1", parens = "1", orders = "1";
  for (int i = 0; i < 500; ++i) {
    sums += "+1";
    parens = "(" + parens + ")";
  }
  for (int i = 0; i < 40; ++i)
    orders = "0 < (" + orders + ") < 1";
  EXPECT_NE(said(sums).find("nested deeper than 400"), std::string::npos);
  EXPECT_NE(said(parens).find("nested deeper than 100"), std::string::npos);
  EXPECT_NE(said(orders).find("repeats more than 10000 parts"), std::string::npos);
  EXPECT_EQ(said("1 in 1..1000000000"), "failed: memory budget exceeded");
  EXPECT_NE(said(std::string(20'000, ' ')).find("longer than"), std::string::npos);
}
