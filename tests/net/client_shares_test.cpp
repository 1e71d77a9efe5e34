// SPDX-License-Identifier: Apache-2.0
#include "net/client_shares.hpp"
#include "net/socket.hpp"
#include "tests/support/looped.hpp"

#include <gtest/gtest.h>

namespace troupe::net {
namespace {

peer client(const std::string& address) {
  peer out;
  const socket_address at = *socket_address::from_text(address, 53);
  at.is_v6() ? void(out.remote.v6 = at.raw.v6) : void(out.remote.v4 = at.raw.v4);
  return out;
}

TEST(client_key, is_the_address_or_the_network_of_one_host) {
  struct {
    const char *one, *other;
    bool same;
  } cases[] = {
    {"10.0.0.1", "10.0.0.1", true},
    {"10.0.0.1", "10.0.0.2", false},
    {"2001:db8::1", "2001:db8::ffff:2", true},
    {"2001:db8::1", "2001:db8:0:1::1", false},
    {"::1", "10.0.0.1", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(key_of(client(c.one)) == key_of(client(c.other)), c.same) << c.one << " " << c.other;
}

/// Clients that take whatever they get, in turn, until nobody gets more.
std::vector<size_t> all_take(client_shares& shares, size_t clients, size_t most) {
  size_t taken = 0;
  for (bool any = true; any;) {
    any = false;
    for (size_t i = 1; i <= clients; ++i)
      if (shares.may_take(client_key{i}, most, taken)) {
        shares.take(client_key{i});
        ++taken;
        any = true;
      }
  }
  std::vector<size_t> out;
  for (size_t i = 1; i <= clients; ++i)
    out.push_back(shares.of(client_key{i}));
  return out;
}

TEST(client_shares, who_takes_all_leaves_as_much_to_others) {
  constexpr size_t most = 600;
  for (size_t clients : {1u, 2u, 5u}) {
    client_shares shares;
    const auto got = all_take(shares, clients, most);
    size_t sum = 0;
    for (size_t one : got) {
      EXPECT_NEAR(static_cast<double>(one), static_cast<double>(most) / static_cast<double>(clients + 1), 1) << clients;
      sum += one;
    }
    EXPECT_TRUE(shares.may_take(client_key{99}, most, sum)) << clients;
    shares.give_back(client_key{1});
    EXPECT_EQ(shares.of(client_key{1}), got[0] - 1);
  }
}

TEST(client_shares, nobody_is_refused_while_half_is_free) {
  client_shares shares;
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_TRUE(shares.may_take(client_key{1}, 100, i));
    shares.take(client_key{1});
  }
  EXPECT_FALSE(shares.may_take(client_key{1}, 100, 51));
  EXPECT_TRUE(shares.may_take(client_key{2}, 100, 51));
  EXPECT_FALSE(shares.may_take(client_key{2}, 100, 100)) << "there is no more";
}

/// A question at an endpoint with room for 100, from that client; whether it may wait. It does, if it may.
class waiting_room : public test::hand_endpoint {
public:
  explicit waiting_room(loop& home) : hand_endpoint(home, {100}) {}
  bool ask(const char* address) {
    batch& fresh = new_batch(1);
    slot& s = open_slot(fresh);
    s.query = {};
    s.query.qname_octets = 1;
    s.query.qname[0] = s.query.lowered[0] = 0;
    s.from = client(address);
    admit(fresh, s, dns::verdict::serve, {});
    const bool may_wait = s.may_wait;
    if (may_wait)
      waiting.push_back(alone(slice{fresh, 1}));
    else
      close(fresh, 1);
    return may_wait;
  }
  std::vector<slice> waiting;
};

TEST(client_shares, a_client_that_floods_what_waits_takes_no_place_of_others) {
  manual_clock time;
  loop home{0, &time};
  waiting_room room{home};
  test::keeping_sink sink{room};
  room.attach(&sink);
  size_t flooding = 0;
  for (int i = 0; i < 1000; ++i)
    flooding += room.ask("10.0.0.1");
  EXPECT_NEAR(static_cast<double>(flooding), 50, 1);
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(room.ask("10.0.0.2")) << i;
  EXPECT_FALSE(room.ask("10.0.0.1"));
  for (auto& one : room.waiting)
    test::keeping_sink::answer(std::move(one));
  home.run_turn();
  EXPECT_EQ(room.in_flight(), 0u);
  EXPECT_TRUE(room.ask("10.0.0.1")) << "its places were given back";
  test::keeping_sink::answer(std::move(room.waiting.back()));
  home.run_turn();
}

} // namespace
} // namespace troupe::net
