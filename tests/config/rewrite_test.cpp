// SPDX-License-Identifier: Apache-2.0
#include "config/directives/rewrite.hpp"

#include "net/rewrite/answer.hpp"
#include "net/rewrite/question.hpp"
#include "tests/config/support.hpp"
#include "tests/net/dns/replies.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;

namespace {

/// The rules of a block, which the plan keeps.
struct parsed {
  explicit parsed(const std::string& lines) : plan(test::planned(".:53 {\n" + lines + "\n}\n")) {
    if (!plan.plan)
      throw std::runtime_error(lines + ": " + plan.error->text());
  }
  const rewrite::rules& rules() const { return plan.plan->blocks.at(0).own<rewrite_options>("rewrite").rules; }
  plan_result plan;
};

dns::query question(const std::string& name, const std::string& type = "A") {
  dns::query q;
  q.qclass = 1;
  q.qtype = dns::type_from_text(type).value();
  dns::set_name(q, dns::name::from_text(name).value().wire());
  return q;
}

constexpr uint8_t client[] = {192, 0, 2, 77}, server[] = {192, 0, 2, 53};
const rewrite::asker who{client, server, 4660, 53, dns::protocol::tcp};

std::string hex(std::span<const uint8_t> octets) {
  std::string out;
  for (uint8_t octet : octets)
    for (int digit : {octet >> 4, octet & 15})
      out += "0123456789abcdef"[digit];
  return out;
}

/// `untouched`, `answer`, or the question as it goes on: `b.org. A IN`; what a rule made that is no name in brackets.
std::string asked(const std::string& lines, const std::string& name, const std::string& type = "A") {
  const parsed with{lines};
  const dns::query q = question(name, type);
  switch (rewrite::reach_of(with.rules(), q)) {
  case rewrite::reach::nothing:
    return "untouched";
  case rewrite::reach::answer:
    return "answer";
  case rewrite::reach::question:
    break;
  }
  const auto made = rewrite::rewritten_question(with.rules(), q, who);
  if (!made.invalid_name.empty())
    return "[" + made.invalid_name + "]";
  std::string out = dns::to_text(made.question.name_as_sent()) + " " + dns::type_text(made.question.qtype) + " " +
                    dns::class_text(made.question.qclass);
  return made.options.empty() ? out : out + " " + hex(made.options);
}

std::string text(const dns::message& m) {
  std::string out;
  for (const auto& section : m.sections)
    for (const auto& record : section)
      out += (out.empty() ? "" : "; ") + dns::to_text(record);
  return out;
}

struct answered {
  std::string name;
  dns::test::rows answer;
  dns::test::rows authority{};
  dns::rcode code = dns::rcode::noerror;
  dns::test::rows found{}; ///< at the target of an alias
};

/// `CODE | records`, of the answer that the client gets; `failed`.
std::string answer(const std::string& lines, const answered& to) {
  const parsed with{lines};
  const dns::query q = question(to.name);
  auto edits = rewrite::edits_for(with.rules(), q);
  dns::query on = q;
  if (rewrite::reach_of(with.rules(), q) == rewrite::reach::question) {
    auto made = rewrite::rewritten_question(with.rules(), q, who);
    edits = std::move(made.edits);
    on = made.question;
  }
  const auto read = [&](const dns::test::rows& answer, const dns::test::rows& authority) {
    return std::get<dns::message>(dns::read_message(dns::test::reply_to(on, 1, 0, answer, authority)));
  };
  rewrite::answer_editing editing{read(to.answer, to.authority), static_cast<uint16_t>(to.code), std::move(edits)};
  using step = rewrite::answer_editing::step;
  std::string targets;
  for (step now; (now = editing.go_on()) != step::done;) {
    if (now == step::failed)
      return "failed";
    targets += editing.target().to_text() + "? ";
    const auto found = read(to.found, {});
    editing.looked_up(to.found.empty() ? nullptr : &found);
  }
  return targets + dns::rcode_text(editing.code()) + " | " + text(editing.message());
}

} // namespace

TEST(rewrite, changes_the_question) {
  struct {
    const char* lines;
    const char* name;
    const char* expected;
  } cases[] = {
    {"rewrite name a.org b.org", "A.org", "b.org. A IN"},
    {"rewrite name exact A.org. B.org.", "a.org", "b.org. A IN"},
    {"rewrite stop NAME Exact a.org b.org", "x.a.org", "untouched"},
    {"rewrite {\nname a.org\nb.org\n}", "a.org", "b.org. A IN"},
    {"rewrite continue {\nname a.org b.org\n}\nrewrite name b.org c.org", "a.org", "c.org. A IN"},
    {"rewrite stop {\nname a.org b.org\n}\nrewrite name b.org c.org", "a.org", "b.org. A IN"},
    {"rewrite name prefix www app", "www.a.org", "app.a.org. A IN"},
    {"rewrite name prefix www app", "www2.a.org", "untouched"}, // a final dot is put behind it
    {"rewrite name prefix www app", "www", "app. A IN"},
    {"rewrite name prefix a.b c", "a.b.org", "c.org. A IN"},
    {"rewrite name suffix a.org b.net", "x.A.org", "x.b.net. A IN"},
    {"rewrite name suffix a.org b.net", "xa.org", "xb.net. A IN"},
    {"rewrite name suffix .a.org .b.net", "xa.org", "untouched"},
    {"rewrite name suffix .a.org .b.net", "x.a.org", "x.b.net. A IN"},
    {"rewrite name suffix .a.org .b.net", "a.org", "untouched"},
    {"rewrite name suffix . .net", "a.org", "a.org.net. A IN"},
    {"rewrite name suffix .org b", "a.org", "ab. A IN"},
    {"rewrite name suffix org org", "x\\003org", "x\\003org. A IN"},
    {"rewrite name suffix a.org b", "xa\\003org", "untouched"}, // as octets it ends so
    {"rewrite name substring svc svd", "x.svc.org", "x.svd.org. A IN"},
    {"rewrite name substring a.b. c.", "a.b.a.b.org", "c.c.org. A IN"},
    {"rewrite name substring a. ..", "a.org", "[..org.]"},
    {"rewrite name regex (.*)-(us)\\.a\\.org {2}.{1}.b.org", "app-us.a.org", "us.app.b.org. A IN"},
    {"rewrite name regex (.*)\\.a\\.org {1}.b.org", "x.b.org", "untouched"},
    {"rewrite name regex (.*) {1}", "a.org", "[a.org..]"},
    {"rewrite name regex ^(a|(b))\\.org\\.$ {2}x.org", "a.org", "x.org. A IN"},
    {"rewrite name regex (.*)\\.org\\. a.{7}", "a.org", "a.{7}. A IN"},
    // What a client sends is no group.
    {"rewrite name regex (.*)\\.org\\. {1}.net", "{1}{1}.org", "{1}{1}.net. A IN"},
    {"rewrite type a aaaa", "a.org", "a.org. AAAA IN"},
    {"rewrite type MX A", "a.org", "untouched"},
    {"rewrite class IN CH", "a.org", "a.org. A CH"},
    {"rewrite continue name a.org b.org\nrewrite type A AAAA", "a.org", "b.org. AAAA IN"},
    {"rewrite ttl a.org 5\nrewrite name a.org b.org", "a.org", "answer"},
    {"rewrite continue ttl a.org 5\nrewrite name a.org b.org", "a.org", "b.org. A IN"},
    {"rewrite cname a.org b.org\nrewrite name a.org b.org", "a.org", "a.org. A IN"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(asked(c.lines, c.name), c.expected) << c.lines << " " << c.name;
}

TEST(rewrite, a_name_that_grows_too_long_is_none) {
  const std::string label(63, 'l'), longest = label + "." + label + "." + label + "." + std::string(61, 'm');
  EXPECT_EQ(asked("rewrite name prefix " + label + " a", longest).size(), 64u * 2 + 62 + 2 + sizeof " A IN" - 1);
  EXPECT_EQ(asked("rewrite name substring m mm.", longest).front(), '[') << "62 octets become 122";
  EXPECT_LE(asked("rewrite name regex (.*) {1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}", longest).size(),
            rewrite::max_text_octets + 2);
}

TEST(rewrite, puts_options_into_the_query) {
  struct {
    const char* lines;
    const char* expected; ///< behind `a.org. A IN `
  } cases[] = {
    {"edns0 local set 0xffee hello", "ffee000568656c6c6f"},
    {"edns0 local set 65518 0xC0ffEE", "ffee0003c0ffee"},
    {"edns0 local append 0xffee {qname}", "ffee0006612e6f72672e"},
    {"edns0 local set 0xffee {qtype}", "ffee00020001"},
    {"edns0 local set 0xffee {client_ip}", "ffee0004c000024d"},
    {"edns0 local set 0xffee {client_port}", "ffee00021234"},
    {"edns0 local set 0xffee {server_ip}", "ffee0004c0000235"},
    {"edns0 local set 0xffee {server_port}", "ffee00020035"},
    {"edns0 local set 0xffee {protocol} revert", "ffee0003746370"},
    {"edns0 nsid set", "00030000"},
    {"edns0 subnet set 24 56", "000800070001"
                               "1800"
                               "c00002"},
    {"edns0 subnet append 31 56", "00080008"
                                  "0001"
                                  "1f00"
                                  "c000024c"},
    {"edns0 subnet set 0 0", "00080004"
                             "00010000"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(asked("rewrite " + std::string{c.lines}, "a.org"), "a.org. A IN " + std::string{c.expected}) << c.lines;
  struct {
    const char* lines;
    const char* expected;
  } more[] = {
    {"rewrite edns0 local replace 0xffee x", "untouched"},
    {"rewrite edns0 nsid replace revert", "untouched"},
    {"rewrite edns0 local set 0xffee {a/b}", "untouched"},
    {"rewrite edns0 local unset 0xffee", "a.org. A IN"},
    {"rewrite continue edns0 local set 0xffee x\nrewrite edns0 local unset 0xffee", "a.org. A IN"},
    {"rewrite continue edns0 local set 0xffee x\nrewrite edns0 local set 0xffee y", "a.org. A IN ffee000179"},
    {"rewrite continue edns0 local set 0xffee x\nrewrite edns0 local replace 0xffee y", "a.org. A IN ffee000179"},
    {"rewrite continue edns0 local set 0xffee x\nrewrite edns0 local append 0xffee y",
     "a.org. A IN ffee000178ffee000179"},
    {"rewrite continue edns0 local set 1 x\nrewrite edns0 local append 1 {qtype}", "a.org. A IN 0001000178"},
    {"rewrite continue name a.org b.org\nrewrite edns0 local set 1 {qname}", "b.org. A IN 00010006622e6f72672e"},
  };
  for (const auto& c : more)
    EXPECT_EQ(asked(c.lines, "a.org"), c.expected) << c.lines;
}

TEST(rewrite, options_that_the_client_sent_count) {
  dns::query q = question("a.org");
  q.edns.option_codes = {0xffee, 8};
  const auto of = [&](const std::string& lines) {
    const parsed with{lines};
    return hex(rewrite::rewritten_question(with.rules(), q, who).options);
  };
  EXPECT_EQ(of("rewrite edns0 local replace 0xffee x"), "ffee000178");
  EXPECT_EQ(of("rewrite edns0 local replace 0xffef x"), "");
  EXPECT_EQ(of("rewrite edns0 subnet append 24 56"), "");
  EXPECT_EQ(of("rewrite edns0 subnet replace 8 56"), "00080005000108"
                                                     "00c0");
  EXPECT_EQ(of("rewrite continue edns0 local unset 0xffee\nrewrite edns0 local replace 0xffee x"), "");
}

/// `{a/b}` is a label of `metadata`: without one the rule does not apply, and without any no question is taken for it.
TEST(rewrite, options_made_of_labels) {
  const auto of = [](const std::string& lines, const rewrite::asker& by) {
    const parsed with{lines};
    return hex(rewrite::rewritten_question(with.rules(), question("a.org"), by).options);
  };
  rewrite::asker knowing = who;
  knowing.label = [](const std::string& label) { return label == "a/b" ? "hi" : std::string{}; };
  EXPECT_EQ(of("rewrite edns0 local set 1 {a/b}", knowing), "000100026869");
  EXPECT_EQ(of("rewrite edns0 local set 1 {a/c}\nrewrite edns0 local set 2 x", knowing), "0002000178");
  EXPECT_EQ(of("rewrite edns0 local set 1 {a/b}\nrewrite edns0 local set 2 x", who), "0002000178");
  const parsed with{"rewrite edns0 local set 1 {a/b}"};
  EXPECT_EQ(rewrite::reach_of(with.rules(), question("a.org"), true), rewrite::reach::question);
  EXPECT_EQ(rewrite::reach_of(with.rules(), question("a.org"), false), rewrite::reach::nothing);
}

TEST(rewrite, makes_the_clients_answer) {
  const struct {
    const char* lines;
    answered to;
    const char* expected;
  } cases[] = {
    // What `exact` did is always put back, in the name itself and below it.
    {"rewrite name a.org b.org",
     {"A.org", {"b.org 5 CNAME www.b.org", "www.b.org 5 A 192.0.2.1", "b.orgx 5 CNAME xb.org"}},
     "NOERROR | a.org. 5 IN CNAME www.a.org.; www.a.org. 5 IN A 192.0.2.1; b.orgx. 5 IN CNAME xb.org."},
    {"rewrite name prefix a b", {"a.org", {"b.org 5 A 192.0.2.1"}}, "NOERROR | b.org. 5 IN A 192.0.2.1"},
    {"rewrite name prefix a b answer auto", {"a.org", {"b.org 5 A 192.0.2.1"}}, "NOERROR | a.org. 5 IN A 192.0.2.1"},
    {"rewrite name suffix a.org b.org answer auto",
     {"x.a.org", {"x.b.org 5 CNAME y.b.org", "y.b.org 5 A 192.0.2.1"}, {"b.org 9 SOA ns.b.org"}},
     "NOERROR | x.a.org. 5 IN CNAME y.a.org.; y.a.org. 5 IN A 192.0.2.1; "
     "a.org. 9 IN SOA ns.a.org. host.ns.b.org. 0 0 0 0 0"},
    {"rewrite name regex (.*)\\.a\\.org {1}.b.org answer name (.*)\\.b\\.org {1}.a.org",
     {"x.a.org", {"x.b.org 5 CNAME y.b.org"}},
     "NOERROR | x.a.org. 5 IN CNAME y.b.org."},
    {"rewrite name regex (.*)\\.a\\.org {1}.b.org answer value (.*)\\.b\\.org {1}.a.org",
     {"x.a.org", {"x.b.org 5 CNAME y.b.org"}},
     "NOERROR | x.b.org. 5 IN CNAME y.a.org."},
    {"rewrite name regex (.*)\\.a\\.org {1}.b.org answer name (.*)\\.b\\.org {1}.a.org value (.*)\\.b\\.org {1}.c.org",
     {"x.a.org", {"x.b.org 5 CNAME y.b.org"}},
     "NOERROR | x.a.org. 5 IN CNAME y.c.org."},
    // The last rule's change is undone first.
    {"rewrite continue name a.org b.org\nrewrite name b.org c.org",
     {"a.org", {"c.org 5 A 192.0.2.1"}},
     "NOERROR | a.org. 5 IN A 192.0.2.1"},
    {"rewrite ttl a.org 60", {"a.org", {"a.org 5 A 192.0.2.1"}}, "NOERROR | a.org. 60 IN A 192.0.2.1"},
    {"rewrite ttl suffix org 10-20",
     {"a.org", {"a.org 5 A 192.0.2.1", "a.org 15 A 192.0.2.2", "a.org 25 A 192.0.2.3"}},
     "NOERROR | a.org. 10 IN A 192.0.2.1; a.org. 15 IN A 192.0.2.2; a.org. 20 IN A 192.0.2.3"},
    {"rewrite ttl regex ^a -7",
     {"a.org", {"a.org 8 A 192.0.2.1"}, {"org 9 SOA ns.org"}},
     "NOERROR | a.org. 7 IN A 192.0.2.1; org. 7 IN SOA ns.org. host.ns.org. 0 0 0 0 0"},
    {"rewrite ttl substring rg. 7-", {"a.org", {"a.org 8 A 192.0.2.1"}}, "NOERROR | a.org. 8 IN A 192.0.2.1"},
    {"rewrite rcode a.org SERVFAIL NXDOMAIN", {"a.org", {}, {}, dns::rcode::servfail}, "NXDOMAIN | "},
    {"rewrite rcode prefix a 3 0",
     {"a.org", {}, {"org 9 SOA ns.org"}, dns::rcode::nxdomain},
     "NOERROR | org. 9 IN SOA ns.org. host.ns.org. 0 0 0 0 0"},
    {"rewrite rcode a.org SERVFAIL NXDOMAIN", {"a.org", {}, {}, dns::rcode::refused}, "REFUSED | "},
    {"rewrite continue rcode a.org 2 3\nrewrite rcode a.org 3 0",
     {"a.org", {}, {}, dns::rcode::servfail},
     "NXDOMAIN | "},
    {"rewrite cname b.org c.org",
     {"a.org", {"a.org 5 CNAME b.org", "b.org 5 A 192.0.2.1"}, {}, dns::rcode::noerror, {"c.org 6 A 192.0.2.2"}},
     "c.org.? NOERROR | a.org. 5 IN CNAME c.org.; c.org. 6 IN A 192.0.2.2"},
    {"rewrite cname suffix .b.org. .c.org.",
     {"a.org",
      {"a.org 5 CNAME a2.org", "a2.org 5 CNAME x.b.org", "x.b.org 5 A 192.0.2.1"},
      {},
      dns::rcode::noerror,
      {"x.c.org 6 A 192.0.2.2"}},
     "x.c.org.? NOERROR | a.org. 5 IN CNAME a2.org.; a2.org. 5 IN CNAME x.c.org.; x.c.org. 6 IN A 192.0.2.2"},
    {"rewrite cname suffix .b.org .c.org", // nothing puts a final dot here
     {"a.org", {"a.org 5 CNAME x.b.org"}},
     "NOERROR | a.org. 5 IN CNAME x.b.org."},
    {"rewrite cname regex (.*)\\.b\\.org\\. {1}.c.org.",
     {"a.org", {"a.org 5 CNAME x.b.org", "x.b.org 5 A 192.0.2.1"}},
     "x.c.org.? NOERROR | a.org. 5 IN CNAME x.b.org.; x.b.org. 5 IN A 192.0.2.1"},
    {"rewrite cname b.org c.org", {"a.org", {"a.org 5 A 192.0.2.1"}}, "NOERROR | a.org. 5 IN A 192.0.2.1"},
    // The rules before it see the alias, not what was found behind it.
    {"rewrite continue ttl a.org 99\nrewrite cname b.org c.org",
     {"a.org", {"a.org 5 CNAME b.org"}, {}, dns::rcode::noerror, {"c.org 6 A 192.0.2.2"}},
     "c.org.? NOERROR | a.org. 99 IN CNAME c.org.; c.org. 6 IN A 192.0.2.2"},
    {"rewrite name suffix a.org b.org answer name (.*) {1}", {"x.a.org", {"x.b.org 5 A 192.0.2.1"}}, "failed"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(answer(c.lines, c.to), c.expected) << c.lines;
}

TEST(rewrite, refuses_with_the_words_of_coredns) {
  struct {
    std::string lines;
    const char* expected;
  } cases[] = {
    {"rewrite", "no rule type specified for rewrite"},
    {"rewrite {\n}", "no rule type specified for rewrite"},
    {"rewrite continue", "continue rule must begin with a rule type"},
    {"rewrite stop", "stop rule must begin with a rule type"},
    {"rewrite answer name a b", "response rewrites must begin with a name rule"},
    {"rewrite foo a b", "invalid rule type \"foo\""},
    {"rewrite Stop foo a", "invalid rule type \"Stop\""},
    {"rewrite name a b {\nanswer auto\n}", "no rule type specified for rewrite"},
    {"rewrite name a", "too few arguments for a name rule"},
    {"rewrite name fuzzy a b",
     "name rule supports only exact, prefix, suffix, substring, and regex name matching, received: fuzzy"},
    {"rewrite name a *.b", "invalid regex matching pattern: *.b."},
    {"rewrite name regex (a b", "invalid regex matching pattern: (a"},
    {"rewrite name regex a {1}",
     "the rewrite regex pattern ({1}) uses more subexpressions than its corresponding matching regex pattern (a)"},
    {"rewrite name regex (a) {0}.{1}",
     "the rewrite regex pattern ({0}.{1}) uses more subexpressions than its corresponding matching regex pattern "
     "((a))"},
    {"rewrite name suffix a b answer", "invalid arguments for suffix rule"},
    {"rewrite name suffix a b c d", "exceeded the number of arguments for a non-answer rule argument for suffix rule"},
    {"rewrite name suffix a b answer auto answer", "type missing for answer rule for suffix rule"},
    {"rewrite name suffix a b answer foo", "invalid type \"foo\" for answer rule for suffix rule"},
    {"rewrite name suffix a b answer name c", "name answer rule for suffix rule: 2 arguments required"},
    {"rewrite name suffix a b answer value (c d",
     "value answer rule for suffix rule: invalid regex matching pattern: (c"},
    {"rewrite name suffix a b answer auto name c d",
     "auto name answer rule cannot be combined with explicit name anwer rules"},
    {"rewrite name regex " + std::string(10'001, 'a') + " b", "regex pattern too long: 10001 > 10000"},
    {"rewrite class IN", "class rules must have exactly two arguments"},
    {"rewrite class in foo", "invalid class \"FOO\""},
    {"rewrite type A AAAA MX", "type rules must have exactly two arguments"},
    {"rewrite type A TYPE65", "invalid type \"TYPE65\""},
    {"rewrite type wks A", "invalid type \"WKS\""},
    {"rewrite ttl a", "too few (1) arguments for a ttl rule"},
    {"rewrite ttl a b", "invalid TTL 'b' for a ttl rule"},
    {"rewrite ttl a -", "invalid TTL '-' for a ttl rule"},
    {"rewrite ttl a 5-4", "invalid TTL '5-4' for a ttl rule"},
    {"rewrite ttl a 1-2-3", "invalid TTL '1-2-3' for a ttl rule"},
    {"rewrite ttl a 4294967296", "invalid TTL '4294967296' for a ttl rule"},
    {"rewrite ttl exact a 5 6", "invalid TTL '' for a ttl rule"},
    {"rewrite ttl fuzzy a 5", "ttl rule supports only exact, prefix, suffix, substring, and regex name matching"},
    {"rewrite ttl regex (a 5", "invalid regex pattern in a ttl rule: (a"},
    {"rewrite rcode a 2", "too few (2) arguments for a rcode rule"},
    {"rewrite rcode a 24 2", "invalid matching RCODE '24' for a rcode rule"},
    {"rewrite rcode a 2 OK", "invalid replacement RCODE 'OK' for a rcode rule"},
    {"rewrite rcode exact a 2 3 4", "invalid matching RCODE '' for a rcode rule"},
    {"rewrite cname a", "too few (1) arguments for a cname rule"},
    {"rewrite cname fuzzy a b", "unknown cname rewrite type: fuzzy"},
    {"rewrite edns0 local", "too few arguments for an EDNS0 rule"},
    {"rewrite edns0 local add 1 x", "invalid action: \"add\""},
    {"rewrite edns0 foo set 1", "invalid rule type \"foo\""},
    {"rewrite edns0 foo unset 1", "invalid rule type \"foo\""},
    {"rewrite edns0 local set 1", "EDNS0 local rules require three or four args"},
    {"rewrite edns0 local unset", "local unset action requires exactly two arguments"},
    {"rewrite edns0 nsid set x", "EDNS0 NSID rules can accept no more than one arg"},
    {"rewrite edns0 nsid unset x", "nsid unset action requires exactly one argument"},
    {"rewrite edns0 subnet unset x", "subnet unset action requires exactly one argument"},
    {"rewrite edns0 subnet set 24", "EDNS0 subnet rules require three or four args"},
    {"rewrite edns0 subnet set 33 56", "invalid IPv4 bit mask length 33"},
    {"rewrite edns0 subnet set 24 129", "invalid IPv6 bit mask length 129"},
    {"rewrite edns0 local set x y", "strconv.ParseUint: parsing \"x\": invalid syntax"},
    {"rewrite edns0 local set 65536 y", "strconv.ParseUint: parsing \"65536\": value out of range"},
    {"rewrite edns0 local set 1 0xabc", "encoding/hex: odd length hex string"},
    {"rewrite edns0 local set 1 0xag", "encoding/hex: invalid byte: U+0067 'g'"},
    {"rewrite edns0 local set 1 {dummy}", "unsupported variable name \"{dummy}\""},
    {"rewrite edns0 local set 1 {/b}", "unsupported variable name \"{/b}\""},
    {"rewrite edns0 local set 1 " + std::string(897, 'x'), "EDNS0 data too long: 897 > 896"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(".:53 {\n" + c.lines + "\n}\n"),
              "plugin/rewrite: Corefile:2 - Error during parsing: " + std::string{c.expected})
      << c.lines;
}
