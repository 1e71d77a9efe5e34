// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/socket.hpp"
#include "tests/support/actor_forward.hpp"

#include <cstring>

namespace troupe {
namespace {

class WhoamiTest : public test::forward_fixture {
public:
  /// `CODE answers | owner type data, …` of the additional section, for who asks from `client`.
  std::string see(const std::string& name, const char* client, uint16_t port, net::protocol by) {
    const auto from = net::socket_address::from_text(client, port);
    auto& door = sides[0].endpoint;
    std::memcpy(&door.from.remote, &from->raw, sizeof door.from.remote);
    door.by = by;
    const uint16_t number = ask(name);
    const auto read = dns::read_message(door.messages[number]);
    const auto* m = std::get_if<dns::message>(&read);
    if (!m)
      return "broken";
    std::string out = got(number) + " " + std::to_string((*m)[dns::section::answer].size()) + " |";
    for (auto& r : (*m)[dns::section::additional]) {
      out += " " + r.owner.to_text() + " " + std::to_string(r.ttl) + " " + std::to_string(r.type);
      for (uint8_t octet : r.data)
        out += " " + std::to_string(octet);
    }
    return out;
  }
};

// As CoreDNS 1.14.7 answers the same questions.
TEST_F(WhoamiTest, SaysWhoAsked) {
  serve("whoami\n");
  constexpr auto udp = net::protocol::udp, tcp = net::protocol::tcp;
  const struct {
    std::string name;
    const char* client;
    uint16_t port;
    net::protocol by;
    std::string got;
  } rows[] = {
    {"Foo.Example.org", "127.0.0.1", 47131, udp,
     "NOERROR 0 | Foo.Example.org. 0 1 127 0 0 1 _udp.Foo.Example.org. 0 33 0 0 0 0 184 27 0"},
    {"a.org", "192.0.2.7", 53, tcp, "NOERROR 0 | a.org. 0 1 192 0 2 7 _tcp.a.org. 0 33 0 0 0 0 0 53 0"},
    {"a.org", "::ffff:192.0.2.7", 53, udp, "NOERROR 0 | a.org. 0 1 192 0 2 7 _udp.a.org. 0 33 0 0 0 0 0 53 0"},
    {"a.org", "2001:db8::1", 256, udp,
     "NOERROR 0 | a.org. 0 28 32 1 13 184 0 0 0 0 0 0 0 0 0 0 0 1 _udp.a.org. 0 33 0 0 0 0 1 0 0"},
    {"", "127.0.0.1", 1, udp, "NOERROR 0 | . 0 1 127 0 0 1 _udp. 0 33 0 0 0 0 0 1 0"},
  };
  for (auto& row : rows)
    EXPECT_EQ(see(row.name, row.client, row.port, row.by), row.got) << row.name << " " << row.client;
}

TEST_F(WhoamiTest, LeavesOutANameThatThereCannotBe) {
  serve("whoami\n");
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  const std::string shorter = label + "." + label + "." + label + "." + std::string(56, 'b');
  EXPECT_EQ(see(longest, "127.0.0.1", 1, net::protocol::tcp), "NOERROR 0 | " + longest + ". 0 1 127 0 0 1");
  EXPECT_EQ(see(shorter, "127.0.0.1", 1, net::protocol::tcp),
            "NOERROR 0 | " + shorter + ". 0 1 127 0 0 1 _tcp." + shorter + ". 0 33 0 0 0 0 0 1 0");
}

} // namespace
} // namespace troupe
