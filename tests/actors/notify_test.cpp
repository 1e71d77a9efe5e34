// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/notify.hpp"
#include "net/dns/wire.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/let_arrive.hpp"
#include "tests/support/nothing_around.hpp"

#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// A secondary that a test reads and answers for.
class secondary {
public:
  secondary() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    auto at = *net::socket_address::from_text("127.0.0.1", 0);
    EXPECT_EQ(::bind(fd_.get(), &at.raw.generic, at.size()), 0);
  }
  net::socket_address address() const { return net::bound_address(fd_.get()); }

  /// The next datagram, and who it is from; empty: none.
  std::vector<uint8_t> read() {
    test::let_arrive();
    std::vector<uint8_t> packet(512);
    socklen_t size = sizeof from_.raw;
    const ssize_t n = ::recvfrom(fd_.get(), packet.data(), packet.size(), 0, &from_.raw.generic, &size);
    if (n > 2 && packet[2] & 0x80)
      return read(); // a response, which another test sent late
    packet.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return packet;
  }
  size_t count() {
    size_t seen = 0;
    while (!read().empty())
      ++seen;
    return seen;
  }
  void answer(std::vector<uint8_t> packet, unsigned rcode) {
    packet[2] |= 0x80;
    packet[3] = static_cast<uint8_t>(rcode);
    EXPECT_EQ(::sendto(fd_.get(), packet.data(), packet.size(), 0, &from_.raw.generic, from_.size()),
              static_cast<ssize_t>(packet.size()));
  }

private:
  net::descriptor fd_;
  net::socket_address from_;
};

class NotifyTest : public test::actor_fixture {
public:
  NotifyTest() {
    watch({"cluster.local"});
    supervise({line<notify>({"notify", "notify", "supervisor", 0}, &pinned_here, std::cref(watches))});
    run();
  }
  ~NotifyTest() override { end(); }

  void watch(std::vector<std::string> zones) {
    std::vector<notify_watch> all;
    for (auto& zone : zones)
      all.push_back({*dns::name::from_text(zone), from, {one.address(), other.address()}, std::nullopt});
    watches.watch(std::move(all));
    tell(shared.where.find<notify_actor>("notify"), begin_atom::value);
    turn();
  }

  /// The cluster has this serial from now on.
  void number(uint32_t serial, bool synced = true) {
    zone::root_builder next{*from->tables.root.snapshot()};
    next.touched(serial);
    if (synced)
      next.synced();
    from->tables.root.publish(next.build());
    tell(shared.where.find<notify_actor>("notify"), renumbered_atom::value);
    turn();
  }

  void turn() {
    for (int i = 0; i < 10; ++i) {
      test::let_arrive();
      run();
      home.io().poll();
      home.io().restart();
    }
  }
  void wait_and_turn(net::duration interval) {
    wait(interval);
    turn();
  }

  secondary one, other;
  cluster_group_ptr from = std::make_shared<cluster_group>(config::kubernetes_options{}, "", 2, metered.server);
  notify_watches watches;
};

TEST_F(NotifyTest, SaysThatTheZoneHasChanged) {
  number(1000);
  const auto packet = one.read();
  ASSERT_EQ(packet.size(), 12u + 15 + 4);
  EXPECT_EQ(packet[2], 4 << 3 | 4) << "opcode NOTIFY, AA (RFC 1996 section 3.6)";
  EXPECT_EQ(packet[3], 0);
  EXPECT_EQ(std::vector<uint8_t>(packet.begin() + 4, packet.begin() + 12),
            (std::vector<uint8_t>{0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(std::string(packet.begin() + 12, packet.begin() + 27), std::string("\7cluster\5local\0", 15));
  EXPECT_EQ(dns::get16(&packet[27]), 6);
  EXPECT_EQ(dns::get16(&packet[29]), 1);
  EXPECT_EQ(one.count(), 0u);
  EXPECT_EQ(other.count(), 1u);
}

TEST_F(NotifyTest, NothingBeforeTheFirstSync) {
  number(1000, false);
  EXPECT_EQ(one.count(), 0u);
  number(1000, true);
  EXPECT_EQ(one.count(), 1u);
}

TEST_F(NotifyTest, ThreeTriesUnlessItIsAccepted) {
  number(1000);
  const auto first = one.read();
  one.answer(first, 0);
  turn();
  for (int i = 0; i < 10; ++i)
    wait_and_turn(1s);
  EXPECT_EQ(one.count(), 0u) << "it was accepted";
  EXPECT_EQ(other.count(), 3u) << "nobody answered";
}

TEST_F(NotifyTest, AnErrorIsNoAnswerToRestOn) {
  number(1000);
  for (int i = 0; i < 3; ++i) {
    const auto packet = one.read();
    ASSERT_FALSE(packet.empty()) << i;
    one.answer(packet, 5);
    turn();
    EXPECT_TRUE(one.read().empty()) << "not at once";
    wait_and_turn(net::notification::after_error);
  }
  EXPECT_EQ(one.count(), 0u);
}

TEST_F(NotifyTest, WhatIsNoAnswerDoesNotCount) {
  number(1000);
  const auto packet = one.read();
  for (auto spoil : {+[](std::vector<uint8_t>& p) { p[0] ^= 1; }, +[](std::vector<uint8_t>& p) { p[2] ^= 8; },
                     +[](std::vector<uint8_t>& p) { p.resize(11); }}) {
    auto bad = packet;
    spoil(bad);
    if (bad.size() == 11)
      bad.resize(11);
    one.answer(bad, 0);
  }
  turn();
  wait_and_turn(net::notification::patience);
  EXPECT_EQ(one.count(), 1u) << "asked again";
}

/// Changes in quick succession are told of once, a while later.
TEST_F(NotifyTest, NotMoreOftenThanEveryFewSeconds) {
  number(1000);
  one.answer(one.read(), 0);
  turn();
  for (uint32_t serial = 1001; serial < 1004; ++serial) {
    number(serial);
    wait_and_turn(1s);
  }
  EXPECT_EQ(one.count(), 0u);
  wait_and_turn(2s);
  EXPECT_EQ(one.count(), 1u);
  number(1003);
  wait_and_turn(1s);
  EXPECT_EQ(one.count(), 0u) << "the same serial";
}

TEST_F(NotifyTest, AnotherPlanTellsOfWhatIsNew) {
  number(1000);
  one.count();
  watch({"cluster.local", "96.10.in-addr.arpa"});
  const auto packet = one.read();
  ASSERT_FALSE(packet.empty());
  EXPECT_EQ(packet[12], 2) << "the new zone";
  EXPECT_EQ(one.count(), 0u) << "the old one has been told of";
  watch({});
  number(2000);
  wait_and_turn(10s);
  EXPECT_EQ(one.count(), 0u);
  EXPECT_EQ(from.use_count(), 1) << "what no plan watches is let go";
}

TEST_F(NotifyTest, ARestartTellsAnew) {
  number(1000);
  one.count();
  kill("notify");
  turn();
  EXPECT_EQ(restarts("notify"), 1u);
  EXPECT_EQ(one.count(), 1u);
}

/// Zones that are given out, each once, where somebody is named to be told.
TEST(notify_watches, zones_with_secondaries) {
  const auto made =
    config::make_plan("Corefile",
                      ".:53 {\n"
                      "  kubernetes cluster.local in-addr.arpa ip6.arpa {\n endpoint http://127.0.0.1:1\n }\n"
                      "  k8s_external ext.test other.test in-addr.arpa\n"
                      "  transfer cluster.local ext.test in-addr.arpa {\n to 192.0.2.1\n }\n"
                      "  transfer other.test {\n to *\n }\n"
                      "}\n",
                      test::nothing_around());
  ASSERT_TRUE(made.plan) << made.error->text();
  meters metered{1};
  const auto from = std::make_shared<cluster_group>(*made.plan->blocks.front().kubernetes, "", 1, metered.server);
  std::vector<std::string> zones;
  for (const notify_watch& each : watches_of(*made.plan, {from}))
    zones.push_back(each.zone.to_text());
  EXPECT_EQ(zones, (std::vector<std::string>{"cluster.local.", "in-addr.arpa.", "ext.test."}));
}

} // namespace
} // namespace troupe
