// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "tests/support/actor_forward.hpp"

#include <cstring>

namespace troupe {
namespace {

using test::upstream_script;

/// `rewrite` in front of an upstream that knows what a test says.
class RewriteTest : public test::forward_fixture {
public:
  void serve_rules(const std::string& rules, const std::string& behind = "forward . 10.0.0.1\n") {
    serve(rules + behind);
    script.rule = [this](const upstream_script::asked& asked) {
      const dns::query& q = *asked.message.question;
      const auto name = dns::to_text(q.name_as_sent());
      names.push_back(name + (q.qtype == 1 ? "" : " " + dns::type_text(q.qtype)));
      options.push_back(q.options().size());
      const auto found = known.find(dns::to_text(q.name_lowered()));
      if (found == known.end())
        asked.code(dns::rcode::nxdomain);
      else if (found->second.empty())
        asked.fail();
      else
        asked.reply(found->second);
    };
  }

  /// `CODE question | answers` of what the client got.
  std::string see(const std::string& name, uint8_t type = 0) {
    names.clear();
    options.clear();
    const uint16_t number = sides[0].endpoint.ask({name}, type);
    settle();
    EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
    return shown(number);
  }

  std::string shown(uint16_t number) {
    const auto read = dns::read_message(sides[0].endpoint.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    if (!m)
      return got(number) + " broken";
    const auto& q = m->questions.at(0);
    std::string out = got(number) + " " + q.owner.to_text() + " " + dns::type_text(q.type) + " |";
    for (auto& r : (*m)[dns::section::answer])
      out += " " + dns::to_text(r) + ";";
    return out;
  }

  std::map<std::string, dns::test::rows> known; ///< name -> records, or nothing: it fails
  std::vector<std::string> names;               ///< asked of the upstream for the last question, in order
  std::vector<size_t> options;                  ///< octets of them, likewise
};

TEST_F(RewriteTest, TheUpstreamIsAskedTheNewQuestion) {
  serve_rules("rewrite continue name a.test b.test\nrewrite ttl b.test 7\nrewrite type MX AAAA\n");
  known = {{"b.test.", {"b.test 30 CNAME w.b.test", "w.b.test 30 A 192.0.2.1"}},
           {"c.test.", {"c.test 30 A 192.0.2.3"}},
           {"d.test.", {}}};
  const struct {
    const char* name;
    uint8_t type;
    std::string got;
    std::vector<std::string> asked;
  } rows[] = {
    {"A.Test", 1, "NOERROR A.Test. A | a.test. 7 IN CNAME w.a.test.; w.a.test. 7 IN A 192.0.2.1;", {"b.test."}},
    {"B.test", 1, "NOERROR B.test. A | B.test. 7 IN CNAME w.b.test.; w.b.test. 7 IN A 192.0.2.1;", {"B.test."}},
    {"C.test", 1, "NOERROR C.test. A | C.test. 30 IN A 192.0.2.3;", {"C.test."}},
    {"no.test", 15, "NXDOMAIN no.test. MX |", {"no.test. AAAA"}},
    {"d.test", 15, "SERVFAIL d.test. MX |", {"d.test. AAAA", "d.test. AAAA"}},
  };
  for (auto& row : rows) {
    EXPECT_EQ(see(row.name, row.type), row.got) << row.name;
    EXPECT_EQ(names, row.asked) << row.name;
  }
}

TEST_F(RewriteTest, FailuresAreHandedOn) {
  serve_rules("rewrite continue rcode f.test SERVFAIL NXDOMAIN\nrewrite name e.test f.test\n"
              "rewrite name regex (.*)broken {1}\n");
  known = {{"f.test.", {}}};
  EXPECT_EQ(see("e.test"), "SERVFAIL e.test. A |");
  EXPECT_NE(sides[0].endpoint.failures.rbegin()->second.find("i/o timeout"), std::string::npos);
  EXPECT_EQ(see("f.test"), "NXDOMAIN f.test. A |");
  EXPECT_EQ(see("x.broken"), "SERVFAIL x.broken. A |");
  EXPECT_EQ(sides[0].endpoint.failures.rbegin()->second, "invalid name after rewrite: x..");
  EXPECT_TRUE(names.empty());
}

TEST_F(RewriteTest, AChangedTargetIsLookedUpByAllRules) {
  serve_rules("rewrite continue name c.test d.test\nrewrite cname b.test c.test\n");
  known = {{"a.test.", {"a.test 30 CNAME b.test", "b.test 30 A 192.0.2.1"}}, {"d.test.", {"d.test 20 A 192.0.2.4"}}};
  EXPECT_EQ(see("a.test"), "NOERROR a.test. A | a.test. 30 IN CNAME c.test.; c.test. 20 IN A 192.0.2.4;");
  EXPECT_EQ(names, (std::vector<std::string>{"a.test.", "d.test."}));
}

/// The target's own answer has the target: each look-up sets off another.
TEST_F(RewriteTest, LookUpsEnd) {
  serve_rules("rewrite cname b.test a.test\n");
  known = {{"a.test.", {"a.test 30 CNAME b.test", "b.test 30 A 192.0.2.1"}}};
  EXPECT_EQ(see("a.test").substr(0, 25), "NOERROR a.test. A | a.tes");
  EXPECT_LE(names.size(), 10u);
}

TEST_F(RewriteTest, OptionsReachTheUpstreamAndTellQuestionsApart) {
  serve_rules("rewrite edns0 local set 0xffee {client_ip}\n", "cache 30\nforward . 10.0.0.1\n");
  known = {{"a.test.", {"a.test 30 A 192.0.2.1"}}};
  const auto from = [&](const char* client) {
    const auto address = net::socket_address::from_text(client, 4242);
    std::memcpy(&sides[0].endpoint.from.remote, &address->raw, sizeof sides[0].endpoint.from.remote);
    return see("a.test");
  };
  const std::string good = "NOERROR a.test. A | a.test. 30 IN A 192.0.2.1;";
  EXPECT_EQ(from("192.0.2.7"), good);
  EXPECT_EQ(options, std::vector<size_t>{8});
  EXPECT_EQ(from("192.0.2.8").substr(0, 7), "NOERROR");
  EXPECT_EQ(options, std::vector<size_t>{8}) << "another client's answer";
  EXPECT_EQ(from("2001:db8::1").substr(0, 7), "NOERROR");
  EXPECT_EQ(options, std::vector<size_t>{20});
  from("192.0.2.7");
  EXPECT_TRUE(options.empty()) << "not from the cache";
}

/// Whoever is killed on the way, the client gets one answer.
TEST_F(RewriteTest, KillingLosesNoQuestion) {
  serve_rules("rewrite continue name a.test b.test\nrewrite cname b.test c.test\n", "cache\nforward . 10.0.0.1\n");
  known = {{"b.test.", {"b.test 30 A 192.0.2.1"}}};
  for (auto victim : {"listener/0", "listener/own/0"})
    for (int moment = 0; moment < 12; ++moment) {
      SCOPED_TRACE(std::string{victim} + " killed after " + std::to_string(moment) + " turns");
      const uint16_t number = sides[0].endpoint.ask({"a.test"});
      for (int i = 0; i < moment; ++i)
        if (!scheduler.try_run_once())
          turn(0);
      kill(victim);
      settle();
      EXPECT_EQ(got(number), "NOERROR");
      EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
    }
}

} // namespace
} // namespace troupe
