// SPDX-License-Identifier: Apache-2.0
#include "net/template/text_template.hpp"

#include "tests/net/template/go_cases.hpp"
#include "tests/net/template/template_values.hpp"

#include <gtest/gtest.h>

using namespace troupe::templates;

namespace {

struct said {
  char kind;
  std::string text, again;
};

said make(std::string_view source) {
  auto read = text_template::read("answer", source, coredns_functions());
  if (auto* bad = std::get_if<std::string>(&read))
    return {'p', *bad, {}};
  const auto& whole = std::get<text_template>(read);
  const test::data_struct data;
  auto made = whole.execute(host(data));
  if (auto* bad = std::get_if<text_template::failure>(&made))
    return {'e', bad->words, whole.text()};
  return {'o', std::get<std::string>(made), whole.text()};
}

std::string repeated(size_t count, std::string_view part) {
  std::string out;
  for (size_t i = 0; i < count; ++i)
    out += part;
  return out;
}

} // namespace

TEST(text_template, says_what_go_says) {
  for (const auto& row : go_cases) {
    const said got = make(row.source);
    EXPECT_EQ(got.kind, row.kind) << row.source << "\n" << got.text;
    EXPECT_EQ(got.text, row.said) << row.source;
    if (row.kind != 'p') {
      EXPECT_EQ(got.again, row.again.empty() ? row.source : row.again) << row.source;
    }
  }
}

/// Go writes a template again in a way that it reads as the same.
TEST(text_template, reads_again_what_it_writes) {
  for (const auto& row : go_cases) {
    const said first = make(row.source);
    if (first.kind != 'o' || row.source.find("define") != row.source.npos ||
        row.source.find("block") != row.source.npos)
      continue;
    const said second = make(first.again);
    EXPECT_EQ(second.text, first.text) << row.source;
    EXPECT_EQ(second.again, first.again) << row.source;
  }
}

TEST(text_template, has_bounds) {
  const std::string deep = repeated(101, "{{if true}}") + repeated(101, "{{end}}");
  const std::string parens = "{{" + repeated(101, "(") + "1" + repeated(101, ")") + "}}";
  const std::string chain = "{{if .Empty}}" + repeated(101, "{{else if .Empty}}") + "{{end}}";
  struct {
    std::string source;
    char kind;
    const char* part; ///< of what is said
  } const rows[] = {
    {repeated(99, "{{if true}}") + "x" + repeated(99, "{{end}}"), 'o', "x"},
    {deep, 'p', "template: answer:1: blocks are nested deeper than 100"},
    {parens, 'p', "template: answer:1: max expression depth exceeded"},
    {chain, 'p', "template: answer:1: blocks are nested deeper than 100"},
    {std::string(max_template_octets + 1, 'x'), 'p', "template: answer: longer than 65536 octets"},
    {"{{range 1000000000}}{{end}}", 'e', "it takes more than 10000 steps"},
    {"{{range 1000}}{{range 1000}}{{end}}{{end}}", 'e', "it takes more than 10000 steps"},
    {"{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}", 'e', "it is nested deeper than 200"},
    {"{{define \"t\"}}{{template \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}", 'e', "it is nested deeper than"},
    {"{{printf \"%999999d\" 1}}", 'e', "octets"},
    {"{{printf \"%.999999d\" 1}}", 'e', "octets"},
    {"{{printf \"%0999999d\" 1}}", 'e', "octets"},
    {"{{printf \"%.999999f\" 1.5}}", 'e', "octets"},
    {"{{len (printf \"%.9999f|%.9999e\" 1.5 1.5)}}", 'o', "20007"},
    {"{{range 9}}{{printf \"%99999s\" .}}{{end}}", 'e', "octets"},
    {"{{$x := .Name}}{{range 30}}{{$x = print $x $x}}{{end}}", 'e', "octets"},
    {"{{range 3000}}" + std::string(1000, 'x') + "{{end}}", 'e', "octets"},
    {"{{$x := printf \"%9999d\" 1}}{{range 1000}}{{if eq $x $x}}{{end}}{{end}}", 'e', "steps"},
  };
  for (const auto& row : rows) {
    const said got = make(row.source);
    EXPECT_EQ(got.kind, row.kind) << row.source.substr(0, 80) << "\n" << got.text.substr(0, 200);
    EXPECT_NE(got.text.find(row.part), got.text.npos) << row.source.substr(0, 80) << "\n" << got.text.substr(0, 200);
  }
}

/// Two parts of Go's language that are not built say so when a template is read.
TEST(text_template, says_when_it_is_not_built) {
  EXPECT_EQ(make("{{1i}}").text, "template: answer:1: complex numbers are not built: \"1i\"");
  EXPECT_EQ(make("{{1+2i}}").text, "template: answer:1: complex numbers are not built: \"1+2i\"");
}
