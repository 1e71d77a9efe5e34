// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/dns/text.hpp"
#include "tests/support/actor_forward.hpp"

namespace troupe {
namespace {

using test::upstream_script;

/// `template` in front of an upstream that knows what a test says.
class TemplateTest : public test::forward_fixture {
public:
  void serve_with_upstream(const std::string& block) {
    serve(block + "forward . 10.0.0.1\n");
    script.rule = [this](const upstream_script::asked& asked) {
      const auto found = known.find(dns::to_text(asked.message.question->name_lowered()));
      if (found == known.end())
        asked.code(dns::rcode::nxdomain);
      else if (found->second == "fail")
        asked.fail();
      else
        asked.reply({dns::to_text(asked.message.question->name_as_sent()) + " 30 " + found->second});
    };
  }

  /// `CODE FLAGS | answers | authority | additional`, and why it failed.
  std::string see(const std::string& name, uint8_t type = 1) {
    auto& door = sides[0].endpoint;
    const uint16_t number = door.ask({name}, type);
    run();
    const auto read = dns::read_message(door.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    if (!m)
      return got(number);
    std::string out = got(number) + ((m->flags & dns::flag::aa) != 0 ? " aa" : "");
    for (const auto& section : m->sections) {
      out += " |";
      for (const auto& record : section)
        out += " " + dns::to_text(record) + ";";
    }
    return out + (door.failures[number].empty() ? "" : " " + door.failures[number]);
  }

  double counted_by_stage(const std::string& name) const {
    double sum = 0;
    for (auto& family : metered.stages.families())
      for (auto& metric : family.metric)
        sum += family.name == name ? metric.counter.value : 0;
    return sum;
  }

  std::map<std::string, std::string> known; ///< name -> `A 192.0.2.1` or `fail`
};

struct see_case {
  const char* name;
  uint8_t type;
  std::string got;
};

// As CoreDNS 1.14.7 answers the same questions.
TEST_F(TemplateTest, AnswersFromTheQuestion) {
  serve_with_upstream("template IN A example {\n"
                      " match (^|[.])ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)[.]example[.]$\n"
                      " answer \"{{ .Name }} 60 IN A 10.0.{{ .Group.a }}.{{ .Group.b }}\"\n"
                      " authority \"{{ .Zone }} IN NS ns.{{ .Zone }}\"\n"
                      " additional \"ns.{{ .Zone }} 5 IN A 192.0.2.53\"\n"
                      " fallthrough\n}\n"
                      "template ANY ANY invalid {\n rcode NXDOMAIN\n}\n"
                      "template IN A refused {\n rcode SERVFAIL\n answer \"x 1 A 192.0.2.1\"\n}\n"
                      "template IN A strict {\n match ^yes\n answer \"{{ .Name }} 1 A 192.0.2.1\"\n}\n");
  known = {{"www.example.", "A 192.0.2.1"}};
  const see_case rows[] = {
    {"Ip-7-8.Example", 1,
     "NOERROR aa | ip-7-8.example. 60 IN A 10.0.7.8; | example. 3600 IN NS ns.example.; | ns.example. 5 IN A "
     "192.0.2.53;"},
    {"www.example", 1, "NOERROR | www.example. 30 IN A 192.0.2.1; | |"},
    {"a.invalid", 16, "NXDOMAIN aa | | |"},
    {"a.refused", 1, "SERVFAIL | | |"},
    {"yes.strict", 1, "NOERROR aa | yes.strict. 1 IN A 192.0.2.1; | |"},
    {"no.strict", 1, "SERVFAIL | | |"},
    {"no.strict", 28, "NXDOMAIN | | |"},
  };
  for (auto& row : rows)
    EXPECT_EQ(see(row.name, row.type), row.got) << row.name;
  EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
  EXPECT_EQ(counted_by_stage("coredns_template_matches_total"), 4);
}

TEST_F(TemplateTest, SaysWhyItFails) {
  serve_with_upstream("template IN A index {\n match ^(a)?b?\n answer \"{{ .Name }} 1 A {{ index .Match 9 }}\"\n}\n"
                      "template IN A record {\n answer \"{{ .Name }} 1 IN A nonsense\"\n}\n"
                      "template IN A nothing {\n answer \"{{ if .Match }}{{ end }}\"\n}\n"
                      "template IN A endless {\n answer \"{{ range 1000000 }}{{ end }}\"\n}\n");
  const see_case rows[] = {
    {"x.index", 1,
     "SERVFAIL | | | template: answer:1:19: executing \"answer\" at <index .Match 9>: error calling index: index out "
     "of "
     "range: 9"},
    {"x.record", 1, "SERVFAIL | | | dns: bad A A: \"nonsense\" at line: 1:25"},
    {"x.nothing", 1, "SERVFAIL | | | dns: no record"},
  };
  for (auto& row : rows)
    EXPECT_EQ(see(row.name, row.type), row.got) << row.name;
  EXPECT_NE(see("x.endless").find("it takes more than 10000 steps"), std::string::npos);
  EXPECT_EQ(counted_by_stage("coredns_template_template_failures_total"), 2);
  EXPECT_EQ(counted_by_stage("coredns_template_rr_failures_total"), 2);
}

TEST_F(TemplateTest, FollowsAliasesWhereAnAddressIsAskedFor) {
  serve_with_upstream(
    "template IN ANY one.test {\n answer \"{{ .Name }} 60 CNAME www.known.\"\n}\n"
    "template IN ANY two.test {\n answer \"{{ .Name }} 60 CNAME www.known.\" \"b. 1 CNAME www.other.\" "
    "\"c. 1 TXT last\"\n}\n"
    "template IN ANY chain.test {\n answer \"{{ .Name }} 60 CNAME x.one.test.\"\n}\n"
    "template IN ANY lost.test {\n answer \"{{ .Name }} 60 CNAME www.lost.\"\n}\n"
    "template IN ANY broken.test {\n answer \"{{ .Name }} 60 CNAME www.broken.\"\n}\n"
    "template IN ANY loop.test {\n answer \"{{ .Name }} 60 CNAME {{ .Name }}\"\n}\n");
  known = {{"www.known.", "A 192.0.2.1"}, {"www.other.", "A 192.0.2.2"}, {"www.broken.", "fail"}};
  const see_case rows[] = {
    {"a.one.test", 1, "NOERROR aa | a.one.test. 60 IN CNAME www.known.; www.known. 30 IN A 192.0.2.1; | |"},
    {"a.one.test", 5, "NOERROR aa | a.one.test. 60 IN CNAME www.known.; | |"},
    {"a.one.test", 16, "NOERROR aa | a.one.test. 60 IN CNAME www.known.; | |"},
    {"a.two.test", 1,
     "NOERROR aa | a.two.test. 60 IN CNAME www.known.; www.known. 30 IN A 192.0.2.1; b. 1 IN CNAME www.other.; "
     "www.other. 30 IN A 192.0.2.2; c. 1 IN TXT \"last\"; | |"},
    {"a.chain.test", 1,
     "NOERROR aa | a.chain.test. 60 IN CNAME x.one.test.; x.one.test. 60 IN CNAME www.known.; www.known. 30 IN A "
     "192.0.2.1; | |"},
    {"a.lost.test", 1, "NOERROR aa | a.lost.test. 60 IN CNAME www.lost.; | |"},
    {"a.broken.test", 1, "NOERROR aa | a.broken.test. 60 IN CNAME www.broken.; | |"},
  };
  for (auto& row : rows)
    EXPECT_EQ(see(row.name, row.type), row.got) << row.name;
  const std::string looped = see("a.loop.test"); // CoreDNS asks itself until it is out of stack
  EXPECT_TRUE(looped.starts_with("NOERROR aa | a.loop.test. 60 IN CNAME a.loop.test.;")) << looped;
  EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
}

} // namespace
} // namespace troupe
