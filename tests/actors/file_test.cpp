// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/dns/text.hpp"
#include "tests/support/actor_forward.hpp"

namespace troupe {
namespace {

using test::nothing_around;
using test::upstream_script;

/// `file` with two zones that lead into each other and to an upstream that knows `www.up.example`.
class FileTest : public test::forward_fixture {
public:
  void serve_zones(const std::string& lines) {
    auto around = nothing_around();
    around.read = [](const std::string& path) -> std::variant<std::string, config::environment::unreadable> {
      if (path == "a")
        return "@ 60 SOA ns admin 7 2 3 4 5\n@ NS ns\nns A 192.0.2.53\nout CNAME www.up.example.\n"
               "gone CNAME no.up.example.\nover CNAME x.b.example.\nround CNAME round.b.example.\n"
               "*.wild A 192.0.2.3\ninto CNAME q.wild\n";
      if (path == "b")
        return "@ 60 SOA ns admin 7 2 3 4 5\n@ NS ns\nx A 192.0.2.4\nround CNAME round.a.example.\n";
      return config::environment::unreadable{"no such file or directory"};
    };
    serve(lines, around);
    script.rule = [](const upstream_script::asked& asked) {
      const auto name = dns::to_text(asked.message.question->name_as_sent());
      if (name == "www.up.example.")
        asked.reply({name + " 30 A 192.0.2.1"});
      else
        asked.code(dns::rcode::nxdomain);
    };
  }

  /// `CODE owner type …` of the answer section.
  std::string see(const std::string& name) {
    const uint16_t number = ask(name);
    const auto read = dns::read_message(sides[0].endpoint.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    std::string out = got(number);
    if (m)
      for (auto& r : (*m)[dns::section::answer])
        out += ' ' + r.owner.to_text() + ' ' + dns::type_text(r.type);
    return out;
  }
};

TEST_F(FileTest, AnswersAndAsksOn) {
  serve_zones("file a a.example\nfile b b.example\nfile none none.example\nforward . 10.0.0.1\n");
  const struct {
    const char *asked, *got;
  } rows[] = {
    {"ns.a.example", "NOERROR ns.a.example. A"},
    {"NS.a.example", "NOERROR NS.a.example. A"},
    {"no.a.example", "NXDOMAIN"},
    {"out.a.example", "NOERROR out.a.example. CNAME www.up.example. A"},
    {"gone.a.example", "NXDOMAIN gone.a.example. CNAME"},
    {"over.a.example", "NOERROR over.a.example. CNAME x.b.example. A"},
    {"into.a.example", "NOERROR into.a.example. CNAME q.wild.a.example. A"},
    {"any.none.example", "SERVFAIL"},
    {"www.up.example", "NOERROR www.up.example. A"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(see(row.asked), row.got) << row.asked;
  // A chain that goes round ends, with what was found so far.
  const std::string round = see("round.a.example");
  EXPECT_TRUE(round.starts_with("SERVFAIL round.a.example. CNAME round.b.example. CNAME")) << round;
}

TEST_F(FileTest, FallsThrough) {
  serve_zones("file a up.example {\nfallthrough www.up.example\n}\nforward . 10.0.0.1\n");
  EXPECT_EQ(see("ns.up.example"), "NOERROR ns.up.example. A");
  EXPECT_EQ(see("www.up.example"), "NOERROR www.up.example. A");
  EXPECT_EQ(see("no.up.example"), "NXDOMAIN");
}

TEST_F(FileTest, RefusesWhatNoZoneHoldsIfNobodyIsBehind) {
  serve_zones("file a a.example\n");
  EXPECT_EQ(see("ns.a.example"), "NOERROR ns.a.example. A");
  EXPECT_EQ(see("www.example.org"), "REFUSED");
}

} // namespace
} // namespace troupe
