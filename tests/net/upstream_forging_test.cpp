// SPDX-License-Identifier: Apache-2.0
#include "upstream_fixture.hpp"

#include <map>
#include <random>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;

namespace {

constexpr size_t open_queries = 100;
const auto own_address = *socket_address::from_text("127.77.0.1", 0); ///< so that the guesses hit no other test
constexpr size_t between_turns = 128; ///< datagrams: what one socket's buffer holds, so that none is lost to the kernel

class forging : public upstream_fixture {
protected:
  void SetUp() override {
    for (size_t i = 0; i < open_queries; ++i) {
      ask(link, "bank.test.", wish());
      queries.push_back(upstream.receive().value());
    }
  }
  octets forged(uint16_t id) const {
    octets reply = dns::test::reply_to(queries[0].query, id, dns::flag::ra, {"bank.test. 30 A 6.6.6.6"});
    return reply;
  }
  void send_forged(octets& reply, uint16_t port, uint16_t id) {
    reply[0] = static_cast<uint8_t>(id >> 8), reply[1] = static_cast<uint8_t>(id);
    auto at = own_address;
    at.set_port(port);
    upstream.send(at, reply);
    if (++sent % between_turns == 0)
      turn();
  }
  void expect_only_true_ones_count() {
    for (int i = 0; i < 5; ++i)
      turn();
    EXPECT_EQ(done(), 0u);
    for (auto& q : queries)
      upstream.send(q.from, good(q));
    ASSERT_TRUE(until([&] { return all_done(); }));
    for (auto& r : results) {
      ASSERT_TRUE(r->reply) << r->error;
      EXPECT_EQ(r->reply->image.back(), 1) << "192.0.2.1";
    }
  }

  static link_options from_own_address(const socket_address& upstream) {
    link_options options = to(upstream);
    options.from = own_address;
    return options;
  }

  udp_upstream upstream;
  upstream_link link{home, from_own_address(upstream.address())};
  std::vector<seen> queries;
  size_t sent = 0;
};

} // namespace

TEST_F(forging, a_million_guesses_of_port_and_id_hit_nothing) {
  std::map<uint16_t, uint16_t> right; // what an attacker does not know
  for (auto& q : queries)
    right[q.from.port()] = q.query.id;
  std::mt19937 random{4};
  octets reply = forged(0);
  size_t near = 0;
  while (sent < size_t{1} << 20) {
    // Half of them at ports that are open, or hardly any would arrive at all.
    const bool knows_port = random() % 2;
    const uint16_t port = knows_port ? queries[random() % open_queries].from.port() : static_cast<uint16_t>(random());
    const uint16_t id = static_cast<uint16_t>(random());
    const auto found = right.find(port);
    if (port == 0 || (found != right.end() && found->second == id))
      continue; // a lucky guess, one in 65,536 at an open port, is a right answer by all that can be known
    near += found != right.end();
    send_forged(reply, port, id);
  }
  EXPECT_GT(near, size_t{1} << 18);
  expect_only_true_ones_count();
}

TEST_F(forging, all_wrong_ids_at_the_right_port_hit_nothing) {
  octets reply = forged(0);
  const uint16_t port = queries[7].from.port();
  for (unsigned id = 0; id < 65'536; ++id)
    if (id != queries[7].query.id)
      send_forged(reply, port, static_cast<uint16_t>(id));
  EXPECT_EQ(sent, 65'535u);
  expect_only_true_ones_count();
}
