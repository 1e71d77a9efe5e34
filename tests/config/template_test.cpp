// SPDX-License-Identifier: Apache-2.0
#include "config/directives/template.hpp"
#include "net/template/text_template.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;

namespace {

std::string listed(const char* what, const template_options::list& all) {
  std::string out;
  for (const auto& one : all)
    out += std::string{" "} + what + "=" + one->text();
  return out;
}

std::string shown(const template_options& use) {
  std::string out =
    use.class_text + " " + use.type_text + " " + std::to_string(use.rrclass) + " " + std::to_string(use.type) + " in";
  for (const auto& zone : use.zone_text)
    out += " " + zone;
  for (const auto& match : use.match) {
    out += " match=" + match.text + "(";
    for (const auto& [name, group] : match.groups)
      out += (out.ends_with("(") ? "" : " ") + name + ":" + std::to_string(group);
    out += ")";
  }
  out += listed("answer", use.answer) + listed("additional", use.additional) + listed("authority", use.authority);
  if (use.code != dns::rcode::noerror)
    out += " rcode=" + std::to_string(static_cast<int>(use.code));
  if (use.reason)
    out += " ederror=" + std::to_string(use.reason->code) + "'" + use.reason->text + "'";
  for (const auto& zone : use.fallthrough.zones())
    out += " fallthrough=" + zone.to_text();
  return out;
}

/// Each use, or the error.
std::string templates_of(const std::string& body) {
  auto result = test::planned("example.org:53 example.net:53 {\n" + body + "\n}\n");
  if (!result.plan)
    return result.error->text();
  std::string out;
  for (const auto& use : result.plan->blocks.at(0).own<template_list>("template"))
    out += (out.empty() ? "" : "; ") + shown(use);
  return out;
}

std::string error_at(int line, const std::string& words) {
  return "plugin/template: /etc/coredns/Corefile:" + std::to_string(line) + " - Error during parsing: " + words;
}

std::string argument_error(int line, const std::string& after) {
  return error_at(line, "Wrong argument count or unexpected line ending after '" + after + "'");
}

struct body_case {
  std::string body, expected;
};

void expect_all(const std::vector<body_case>& rows) {
  for (const auto& row : rows)
    EXPECT_EQ(templates_of(row.body), row.expected) << row.body;
}

} // namespace

TEST(template_directive, reads_what_coredns_reads) {
  const std::string both = " in example.org. example.net. match=.*(0:0)";
  expect_all({
    {"template IN A", "IN A 1 1" + both},
    {"template ANY ANY {\nrcode NXDOMAIN\n}", "ANY ANY 255 255" + both + " rcode=3"},
    {"template CH TXT a.test B.Test. 10.0.0.0/8 {\nrcode NOTIMPL\n}",
     "CH TXT 3 16 in a.test. b.test. 10.in-addr.arpa. match=.*(0:0) rcode=4"},
    {"template IN NSAP-PTR {\nrcode BADSIG\n}", "IN NSAP-PTR 1 23" + both + " rcode=16"},
    {"template IN A x {\nmatch ^(?P<a>[0-9])(b)? (?<z>c)\nmatch d\n}",
     "IN A 1 1 in x. match=^(?P<a>[0-9])(b)?(0:0 1:1 2:2 a:1) match=(?<z>c)(0:0 1:1 z:1) match=d(0:0)"},
    {"template IN A x {\nanswer \"{{ .Name }} A 192.0.2.1\" b\nanswer c\nadditional d\nauthority e\n}",
     "IN A 1 1 in x. match=.*(0:0) answer={{.Name}} A 192.0.2.1 answer=b answer=c additional=d authority=e"},
    {"template IN A x {\nederror 21 \"Not here\"\n}", "IN A 1 1 in x. match=.*(0:0) ederror=21'Not here'"},
    {"template IN A x {\nederror 65535\n}", "IN A 1 1 in x. match=.*(0:0) ederror=65535''"},
    {"template IN A x {\nfallthrough\n}", "IN A 1 1 in x. match=.*(0:0) fallthrough=."},
    {"template IN A x {\nfallthrough a.x B.x\n}", "IN A 1 1 in x. match=.*(0:0) fallthrough=a.x. fallthrough=b.x."},
    {"template IN A x {\nupstream 1.2.3.4\n}", "IN A 1 1 in x. match=.*(0:0)"},
    {"template IN A x\ntemplate IN AAAA y", "IN A 1 1 in x. match=.*(0:0); IN AAAA 1 28 in y. match=.*(0:0)"},
  });
}

TEST(template_directive, refuses_in_coredns_words) {
  expect_all({
    {"template", argument_error(2, "template")},
    {"template IN", argument_error(2, "IN")},
    {"template in A", error_at(2, "invalid query class in")},
    {"template IN a", error_at(2, "invalid RR class a")},
    {"template IN TYPE1", error_at(2, "invalid RR class TYPE1")},
    {"template IN A {\nnothing\n}", argument_error(3, "nothing")},
    {"template IN A {\nmatch\n}", argument_error(3, "match")},
    {"template IN A {\nmatch " + std::string(10'001, 'a') + "\n}",
     error_at(3, "regex pattern too long: 10001 > 10000")},
    {"template IN A {\nmatch ok (\n}",
     error_at(3, "could not parse regex: (, error parsing regexp: missing closing ): `(`")},
    {"template IN A {\nmatch a)\n}",
     error_at(3, "could not parse regex: a), error parsing regexp: unexpected ): `a)`")},
    {"template IN A {\nmatch *\n}",
     error_at(3, "could not parse regex: *, error parsing regexp: missing argument to repetition operator: `*`")},
    {"template IN A {\nanswer\n}", argument_error(3, "answer")},
    {"template IN A {\nadditional\n}", argument_error(3, "additional")},
    {"template IN A {\nauthority\n}", argument_error(3, "authority")},
    {"template IN A {\nanswer ok \"{{ .Name\" last\n}",
     error_at(3, "could not compile template: last, template: answer:1: unclosed action")},
    {"template IN A {\nauthority \"{{ lower .Name }}\"\n}",
     error_at(3,
              "could not compile template: {{ lower .Name }}, template: authority:1: function \"lower\" not defined")},
    {"template IN A {\nrcode\n}", argument_error(3, "rcode")},
    {"template IN A {\nrcode nxdomain\n}", error_at(3, "unknown rcode nxdomain")},
    {"template IN A {\nrcode BADVERS\n}", error_at(3, "unknown rcode BADVERS")},
    {"template IN A {\nederror\n}", argument_error(3, "ederror")},
    {"template IN A {\nederror 1 2 3\n}", argument_error(3, "3")},
    {"template IN A {\nederror 65536 x\n}",
     error_at(3, "error parsing extended DNS error code x, strconv.ParseUint: parsing \"65536\": value out of range")},
  });
}
