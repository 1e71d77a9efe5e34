// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/dns/text.hpp"
#include "net/socket.hpp"
#include "tests/support/actor_forward.hpp"

#include <cstring>

/// Stages that are small: what a block says to one question. `tests/directives` compares them with CoreDNS.
namespace troupe {
namespace {

constexpr uint8_t a = 1, ptr = 12, hinfo_asked = 255, mx = 15, txt = 16, aaaa = 28, soa = 6;

class StagesTest : public test::forward_fixture {
public:
  /// What every upstream answers from now on.
  void answer_upstream() {
    script.rule = [](const test::upstream_script::asked& one) {
      const auto name = dns::to_text(one.message.question->name_as_sent());
      const auto type = one.message.question->qtype;
      if (name.starts_with("none."))
        one.reply({}, 3, {"example.org. 60 SOA example.org"});
      else if (type == 28)
        one.reply({}, 0, {"example.org. 60 SOA example.org"});
      else
        one.reply({name + " 300 A 192.0.2.1", name + " 300 A 192.0.2.2"});
    };
  }

  /// `CODE flags | records of the answer | of the authority section | of the additional`, OPT left out.
  std::string see(const std::string& name, uint8_t type) {
    auto& door = sides[0].endpoint;
    const uint16_t number = door.ask({name}, type);
    run();
    settle();
    const auto read = dns::read_message(door.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    if (!m || got(number).empty())
      return "silence";
    std::string out = got(number);
    for (const auto& [bit, text] : {std::pair{dns::flag::aa, " aa"}, {dns::flag::tc, " tc"}, {dns::flag::ra, " ra"}})
      out += m->flags & bit ? text : "";
    for (const auto where : {dns::section::answer, dns::section::authority, dns::section::additional}) {
      out += where == dns::section::answer ? " |" : "|";
      for (auto& r : (*m)[where])
        out += r.type == 41 ? "" : " " + std::to_string(r.ttl) + " " + dns::type_text(r.type) + " " + dns::data_text(r);
    }
    return out;
  }

  void from(const char* client) {
    const auto address = net::socket_address::from_text(client, 5353);
    std::memcpy(&sides[0].endpoint.from.remote, &address->raw, sizeof sides[0].endpoint.from.remote);
  }
};

TEST_F(StagesTest, AnswerAsTheirBlockSays) {
  const std::string up = std::string{test::one};
  const struct {
    std::string block;
    const char* name;
    uint8_t type;
    std::string got;
  } rows[] = {
    {"any\n" + up, "www.example.org", hinfo_asked, "NOERROR | 8482 HINFO \"ANY obsoleted\" \"See RFC 8482\"||"},
    {"minimal\n" + up, "none.example.org", a, "NXDOMAIN ra || 60 SOA example.org. host.example.org. 0 0 0 0 0|"},
    {"header {\nresponse set aa\nresponse clear ra\n}\n" + up, "www.example.org", a,
     "NOERROR aa | 300 A 192.0.2.1 300 A 192.0.2.2||"},
    {"local\n" + up, "a.localhost", aaaa, "NOERROR | 604800 AAAA ::1||"},
    {"local\n" + up, "1.0.0.127.in-addr.arpa", ptr, "NOERROR | 604800 PTR localhost.||"},
    {"local\n" + up, "2.0.0.127.in-addr.arpa", ptr,
     "NXDOMAIN || 604800 SOA localhost. root.localhost. 1 0 0 0 604800|"},
    {"acl {\nblock type A net 192.0.2.0/24\nfilter net 192.0.2.0/24\n}\n" + up, "www.example.org", a, "REFUSED |||"},
    {"acl {\nblock type A net 192.0.2.0/24\nfilter net 192.0.2.0/24\n}\n" + up, "www.example.org", mx, "NOERROR |||"},
    {"acl {\nallow net 192.0.2.7\ndrop net *\n}\n" + up, "www.example.org", a,
     "NOERROR ra | 300 A 192.0.2.1 300 A 192.0.2.2||"},
    {"acl {\ndrop net *\n}\n" + up, "www.example.org", a, "silence"},
    {"erratic {\ndrop 0\n}\n", "www.example.org", a, "NOERROR aa | 0 A 192.0.2.53||"},
    {"erratic {\ndelay 1 20ms\n}\n", "www.example.org", aaaa, "NOERROR aa | 0 AAAA 2001:db8::53||"},
    {"erratic {\ndrop 1\n}\n", "www.example.org", a, "silence"},
    {"dns64 {\nallow_ipv4\n}\n" + up, "www.example.org", aaaa,
     "NOERROR | 60 AAAA 64:ff9b::c000:201 60 AAAA 64:ff9b::c000:202||"},
    {"dns64\n" + up, "www.example.org", aaaa, "NOERROR ra || 60 SOA example.org. host.example.org. 0 0 0 0 0|"},
    {"dns64 {\nallow_ipv4\n}\n" + up, "none.example.org", aaaa,
     "NXDOMAIN ra || 60 SOA example.org. host.example.org. 0 0 0 0 0|"},
    {"loadbalance {\nprefer 192.0.2.2/32\n}\n" + up, "www.example.org", a,
     "NOERROR ra | 300 A 192.0.2.2 300 A 192.0.2.1||"},
    {"hosts {\n192.0.2.9 www.example.org\nfallthrough\n}\n" + up, "WWW.example.org", a,
     "NOERROR aa | 3600 A 192.0.2.9||"},
    {"hosts {\n192.0.2.9 www.example.org\n}\n" + up, "www.example.org", txt, "NOERROR aa |||"},
    {"hosts {\n192.0.2.9 www.example.org\n}\n" + up, "9.2.0.192.in-addr.arpa", ptr,
     "NOERROR aa | 3600 PTR www.example.org.||"},
    {"hosts {\n192.0.2.9 www.example.org\nno_reverse\n}\n", "9.2.0.192.in-addr.arpa", ptr, "SERVFAIL |||"},
    {"hosts {\n192.0.2.9 www.example.org\n}\n" + up, "none.example.org", soa, "SERVFAIL |||"},
  };
  for (auto& row : rows) {
    again(row.block);
    answer_upstream();
    from("192.0.2.7");
    EXPECT_EQ(see(row.name, row.type), row.got) << row.block << row.name;
  }
}

TEST_F(StagesTest, MetBeforeAnyAnswerIsTheAnswer) {
  serve("bufsize 512\nerratic {\ndrop 0\nlarge\n}\n");
  sides[0].endpoint.takes = 4096;
  const std::string got = see("www.example.org", a);
  EXPECT_EQ(got.substr(0, got.find(" |")), "NOERROR aa tc");
}

} // namespace
} // namespace troupe
