// SPDX-License-Identifier: Apache-2.0
#include "config/label_selector.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace troupe::config;

namespace {

using labels = std::map<std::string, std::string>;

std::string text_or_error(const std::string& text) {
  auto read = label_selector::parse(text);
  auto* bad = std::get_if<std::string>(&read);
  return bad ? *bad : std::get<label_selector>(read).text();
}

const std::string name_rule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const std::string value_rule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

} // namespace

TEST(label_selector, has_one_normal_form) {
  const struct {
    const char *text, *normal;
  } cases[] = {
    {"", ""},
    {" ", ""},
    {"a=b", "a=b"},
    {" a == b ", "a=b"},
    {"a in (b)", "a=b"},
    {"a in (y, x,y)", "a in (x,y)"},
    {"a in(x)", "a=x"},
    {"a in ()", "a in ()"},
    {"a in (,x)", "a in (,x)"},
    {"a in (x,)", "a in (,x)"},
    {"a in (x,,y)", "a in (,x,y)"},
    {"a in (,)", "a in ()"},
    {"a==", "a in ()"},
    {"a=,b", "a in (),b"},
    {"a notin (in,notin)", "a notin (in,notin)"},
    {"in=b", "in=b"},
    {"in in (in)", "in=in"},
    {"!a", "!a"},
    {"! a,b", "!a,b"},
    {"b,a", "a,b"},
    {"a=1,a=2", "a=2"}, // as CoreDNS, which puts them into a map
    {"a=1,a in (1,2)", "a in (1,2),a=1"},
    {"a in (1),a in (2)", "a in (1),a in (2)"}, // of `=` the last would count
    {"a in (1),a in (1)", "a in (1),a in (1)"},
    {"example.com/A_b.c=D", "example.com/A_b.c=D"},
  };
  for (auto& c : cases) {
    EXPECT_EQ(text_or_error(c.text), c.normal) << c.text;
    EXPECT_EQ(text_or_error(c.normal), c.normal) << c.text;
  }
}

/// What CoreDNS 1.14.7 says of each.
TEST(label_selector, refuses_in_the_words_of_kubernetes) {
  const std::string requirement = "unable to parse requirement: ", long_name(64, 'a'), long_prefix(254, 'a');
  const struct {
    std::string text, error;
  } cases[] = {
    {"a,", "found '', expected: identifier after ','"},
    {",a", "found ',', expected: !, identifier, or 'end of string'"},
    {"=a", "found '=', expected: !, identifier, or 'end of string'"},
    {"()", "found '(', expected: !, identifier, or 'end of string'"},
    {"a=b=c", "found '=', expected: ',' or 'end of string'"},
    {"a=b,,c", "found ',', expected: identifier after ','"},
    {"!a in (x)", "found 'in', expected: ',' or 'end of string'"},
    {"!a=b", "found '=', expected: ',' or 'end of string'"},
    {"a=b in (c)", "found 'in', expected: ',' or 'end of string'"},
    {"a b", requirement + "found 'b', expected: in, notin, =, ==, !=, gt, lt"},
    {"a in x", requirement + "found 'x' expected: '('"},
    {"a in", requirement + "found '' expected: '('"},
    {"a in (", requirement + "found '', expected: ',', ')' or identifier"},
    {"a in (x", requirement + "found '', expected: ',' or ')'"},
    {"a in (x y)", requirement + "found 'y', expected: ',' or ')'"},
    {"a in (=)", requirement + "found '=', expected: ',', ')' or identifier"},
    {"a in (x,=)", requirement + "found '=', expected: ',', or identifier"},
    {"a in (x,,)", requirement + "found ')', expected: ',', or identifier"},
    {"a===b", requirement + "found '=', expected: identifier"},
    {"a=!b", requirement + "found '!', expected: identifier"},
    {"!", requirement + "found '', expected: identifier"},
    {"!!a", requirement + "found '!', expected: identifier"},
    {"-a=b", requirement + "<nil>: Invalid value: \"-a\": name part " + name_rule},
    {"/a=b", requirement + "<nil>: Invalid value: \"/a\": prefix part must be non-empty"},
    {"a/b/c=d", requirement + "<nil>: Invalid value: \"a/b/c\": a valid label key " + name_rule +
                  " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"},
    {long_name + "=b",
     requirement + "<nil>: Invalid value: \"" + long_name + "\": name part must be no more than 63 bytes"},
    {long_prefix + "/b",
     requirement + "<nil>: Invalid value: \"" + long_prefix + "/b\": prefix part must be no more than 253 bytes"},
    {"a=-b", requirement + "values[0][a]: Invalid value: \"-b\": " + value_rule},
    {"a=" + long_name,
     requirement + "values[0][a]: Invalid value: \"" + long_name + "\": must be no more than 63 bytes"},
    {"a in (-b,c%)", requirement + "[values[0][a]: Invalid value: \"-b\": " + value_rule +
                       ", values[1][a]: Invalid value: \"c%\": " + value_rule + "]"},
    {"a<x", requirement + "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"},
  };
  for (auto& c : cases)
    EXPECT_EQ(text_or_error(c.text), "couldn't parse the selector string \"" + c.text + "\": " + c.error);
  EXPECT_EQ(text_or_error("a!=b"), "\"!=\" is not a valid label selector operator");
  EXPECT_EQ(text_or_error("a>1"), "\"gt\" isn't supported in label selectors");
  EXPECT_EQ(text_or_error("b!=1,a<1"), "\"lt\" isn't supported in label selectors"); // by key
}

TEST(label_selector, matches_what_it_says) {
  const labels set{{"app", "x"}, {"empty", ""}, {"tier", "front"}};
  const struct {
    const char* text;
    bool matches;
  } cases[] = {
    {"", true},
    {"app=x", true},
    {"app=y", false},
    {"app in (x,y)", true},
    {"app in (y,z)", false},
    {"app notin (y)", true},
    {"app notin (x)", false},
    {"none notin (x)", true},
    {"none=", false},
    {"empty=", true},
    {"empty in ()", true},
    {"app", true},
    {"none", false},
    {"!none", true},
    {"!app", false},
    {"app=x,tier=front", true},
    {"app=x,tier=back", false},
  };
  for (auto& c : cases) {
    auto read = label_selector::parse(c.text);
    ASSERT_EQ(read.index(), 0u) << c.text;
    EXPECT_EQ(std::get<0>(read).matches(set), c.matches) << c.text;
  }
}
