// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "tests/support/actor_forward.hpp"

namespace troupe {
namespace {

using test::nothing_around;
using test::upstream_script;

/// `autopath` with the search list `a.example b.example`, in front of an upstream that knows what a test says.
class AutopathTest : public test::forward_fixture {
public:
  void serve_list(const std::string& more = "") {
    auto around = nothing_around();
    around.read = [](const std::string& path) -> std::variant<std::string, config::environment::unreadable> {
      if (path.ends_with("/list"))
        return "search a.example B.example\n";
      return config::environment::unreadable{"nothing is read here"};
    };
    serve("autopath list\n" + more + "forward . 10.0.0.1\n", around);
    script.rule = [this](const upstream_script::asked& asked) {
      const auto name = dns::to_text(asked.message.question->name_as_sent());
      names.push_back(dns::to_text(asked.message.question->name_lowered()));
      const auto found = known.find(names.back());
      if (found == known.end())
        asked.code(dns::rcode::nxdomain);
      else if (found->second == "fail")
        asked.fail();
      else if (found->second.empty())
        asked.reply({});
      else
        asked.reply({name + " 30 " + found->second});
    };
  }

  /// `CODE question | answers` of what the client got.
  std::string see(const std::string& name) {
    names.clear();
    const uint16_t number = ask(name);
    const auto read = dns::read_message(sides[0].endpoint.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    if (!m)
      return got(number);
    std::string out = got(number) + " " + m->questions.at(0).owner.to_text() + " |";
    for (auto& r : (*m)[dns::section::answer]) {
      out += " " + r.owner.to_text() + " " + std::to_string(r.ttl) + " " + std::to_string(r.type);
      if (r.type == static_cast<uint16_t>(dns::rrtype::cname))
        out += " " + dns::name::from_wire(r.data)->to_text();
    }
    return out;
  }

  std::map<std::string, std::string> known; ///< name -> `A 192.0.2.1`, nothing (no such data) or `fail`
  std::vector<std::string> names;           ///< asked of the upstream for the last question, in order
};

using names = std::vector<std::string>;

TEST_F(AutopathTest, TheFirstNameThatExistsAnswers) {
  serve_list();
  known = {{"one.a.example.", "A 192.0.2.1"},
           {"two.b.example.", "A 192.0.2.2"},
           {"www.three.org.", "A 192.0.2.3"},
           {"www.empty.org.", ""}};
  const struct {
    const char* asked;
    std::string got;
    std::vector<std::string> walked;
  } rows[] = {
    {"one.a.example", "NOERROR one.a.example. | one.a.example. 30 1", {"one.a.example."}},
    {"Two.A.example",
     "NOERROR Two.A.example. | Two.A.example. 30 5 Two.b.example. Two.b.example. 30 1",
     {"two.a.example.", "two.b.example."}},
    {"www.three.org.a.example",
     "NOERROR www.three.org.a.example. | www.three.org.a.example. 30 5 www.three.org. www.three.org. 30 1",
     {"www.three.org.a.example.", "www.three.org.b.example.", "www.three.org."}},
    {"www.empty.org.a.example",
     "NOERROR www.empty.org.a.example. |",
     {"www.empty.org.a.example.", "www.empty.org.b.example.", "www.empty.org."}},
    {"none.a.example", "NXDOMAIN none.a.example. |", {"none.a.example.", "none.b.example.", "none."}},
    // Not made with the list's first name: asked as it is.
    {"two.b.example", "NOERROR two.b.example. | two.b.example. 30 1", {"two.b.example."}},
    {"a.example", "NXDOMAIN a.example. |", {"a.example."}},
    {"xa.example", "NXDOMAIN xa.example. |", {"xa.example."}},
  };
  for (auto& row : rows) {
    EXPECT_EQ(see(row.asked), row.got) << row.asked;
    EXPECT_EQ(names, row.walked) << row.asked;
  }
  EXPECT_EQ(sides[0].endpoint.in_flight(), 0u);
  const auto families = metered.stages.families();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "coredns_autopath_success_total");
  ASSERT_EQ(families[0].metric.size(), 1u);
  EXPECT_EQ(families[0].metric[0].label[0].value, "dns://:53");
  EXPECT_EQ(families[0].metric[0].counter.value, 4);
}

TEST_F(AutopathTest, AFailureEndsTheWalk) {
  serve_list();
  known = {{"x.b.example.", "fail"}, {"x.", "A 192.0.2.1"}};
  EXPECT_EQ(see("x.a.example"), "SERVFAIL x.a.example. |");
  EXPECT_EQ(std::count(names.begin(), names.end(), "x."), 0);
  EXPECT_TRUE(metered.stages.families().empty());
}

TEST_F(AutopathTest, NamesThatGrowTooLongAreLeftOut) {
  auto around = nothing_around();
  const std::string label(63, 'l');
  around.read = [&](const std::string&) -> std::variant<std::string, config::environment::unreadable> {
    return "search a " + label + "." + label + "\n";
  };
  serve("autopath list\nforward . 10.0.0.1\n", around);
  script.rule = [this](const upstream_script::asked& asked) {
    names.push_back(dns::to_text(asked.message.question->name_as_sent()));
    asked.code(dns::rcode::nxdomain);
  };
  const std::string base = label + "." + label;
  EXPECT_EQ(see(base + ".a"), "NXDOMAIN " + base + ".a. |");
  EXPECT_EQ(names, (std::vector<std::string>{base + ".a.", base + "."}));
}

/// Whoever is killed on the way, the client gets one answer.
TEST_F(AutopathTest, KillingLosesNoQuestion) {
  serve_list("cache\n");
  known = {{"www.three.org.", "A 192.0.2.3"}};
  for (auto victim : {"listener/0", "listener/own/0"})
    for (int moment = 0; moment < 12; ++moment) {
      SCOPED_TRACE(std::string{victim} + " killed after " + std::to_string(moment) + " turns");
      const uint16_t number = sides[0].endpoint.ask({"www.three.org.a.example"});
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
