// SPDX-License-Identifier: Apache-2.0
#include "tests/net/tcp_fixture.hpp"

#include <sys/resource.h>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

constexpr size_t big = 60'000;

/// 64 questions each, nothing read: what is kept for all of them has an end, and those who read get everything.
TEST_F(TcpTest, WhatIsKeptForClientsThatDoNotReadHasAnEnd) {
  tcp_clients::limits limits;
  limits.octets = 2 << 20;
  open(limits);
  answer_octets = big;
  std::list<tcp_client> silent;
  for (int i = 0; i < 100; ++i) {
    silent.emplace_back(port).ask(64);
    turn();
  }
  EXPECT_LE(most_octets, limits.octets + 64 * big);
  EXPECT_LE(clients->octets(), limits.octets);
  EXPECT_LT(server->connections(), 100u) << "the slowest were closed";
  tcp_client reader{port, "127.0.0.2"};
  reader.ask(64);
  for (int i = 0; i < 1000 && reader.octets < 64 * (big + 2); ++i) {
    turn();
    reader.read();
  }
  EXPECT_EQ(reader.octets, 64 * (big + 2));
  silent.clear();
  turn();
  EXPECT_EQ(clients->octets(), 0u);
}

/// Before its answers are known to be small, a client gets few; then as many as it may have in flight.
TEST_F(TcpTest, QuestionsAreHandedOnAsTheirAnswersLeaveRoom) {
  open();
  holds = true;
  tcp_client c{port};
  c.ask(64);
  turn();
  EXPECT_EQ(asked.size(), 4u) << "64 kB each";
  for (auto& one : std::exchange(held, {}))
    answer(std::move(one));
  turn();
  EXPECT_EQ(asked.size(), 64u) << "100 octets each";
  answer_octets = big;
  for (auto& one : std::exchange(held, {}))
    answer(std::move(one));
  turn();
  asked.clear();
  c.read();
  c.ask(64);
  turn();
  EXPECT_LE(asked.size(), 4u);
}

/// An octet now and then is not enough.
TEST_F(TcpTest, AClientThatTakesOrSendsTooSlowlyIsClosed) {
  open();
  answer_octets = big;
  tcp_client slow_to_take{port};
  slow_to_take.ask(64);
  turn();
  tcp_client slow_to_send{port}, steady{port};
  for (int second = 0; second < 12; ++second) {
    slow_to_take.read(1000);
    if (!slow_to_send.closed)
      slow_to_send.send(std::span{tcp_client::question}.subspan(static_cast<size_t>(second), 1));
    steady.ask();
    turn();
    steady.read();
    slow_to_send.read();
    time.advance(1s);
    EXPECT_EQ(server->connections(), second < 4 ? 3u : second > 7 ? 1u : server->connections()) << second;
  }
  turn();
  steady.read();
  EXPECT_FALSE(steady.closed);
  EXPECT_EQ(steady.octets, 12 * (big + 2));
}

TEST_F(TcpTest, AClientThatTakesItsAnswersSteadilyIsNotClosed) {
  open();
  answer_octets = big;
  tcp_client c{port};
  c.ask(64);
  turn();
  for (int second = 0; second < 30; ++second) {
    c.read(30'000);
    turn();
    time.advance(1s);
  }
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_FALSE(c.closed);
}

TEST_F(TcpTest, TheAddressWithMostConnectionsMakesRoom) {
  tcp_clients::limits limits;
  limits.connections = 20;
  open(limits);
  tcp_client victim{port, "127.0.0.2"};
  turn();
  std::list<tcp_client> flood;
  for (int i = 0; i < 50; ++i) {
    flood.emplace_back(port);
    turn(30);
  }
  EXPECT_EQ(server->connections(), 20u);
  tcp_client late{port, "127.0.0.3"};
  victim.ask();
  late.ask();
  turn();
  EXPECT_GT(victim.read(), 0u);
  EXPECT_GT(late.read(), 0u);
  EXPECT_EQ(server->connections(), 20u);
  size_t closed = 0;
  for (auto& one : flood) {
    one.read();
    closed += one.closed;
  }
  EXPECT_EQ(closed, 32u);
  flood.back().ask();
  turn();
  EXPECT_GT(flood.back().read(), 0u) << "the newest stay";
}

/// However many connections are ready, few questions run at once, and other addresses have their turn among them.
TEST_F(TcpTest, TurnsGoRoundByAddress) {
  open();
  holds = true;
  std::list<tcp_client> flood;
  for (int i = 0; i < 40; ++i) {
    flood.emplace_back(port).ask(64);
    turn(30);
  }
  EXPECT_LE(asked.size(), 64u + 4u);
  tcp_client victim{port, "127.0.0.2"};
  victim.ask();
  turn(30);
  asked.clear();
  for (auto& one : std::exchange(held, {}))
    answer(std::move(one));
  turn(30);
  const auto at = std::ranges::find_if(
    asked, [&](const peer& who) { return who.remote.v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK + 1); });
  EXPECT_LT(at - asked.begin(), 9) << "it waits for one turn of one other";
  holds = false;
  for (auto& one : std::exchange(held, {}))
    answer(std::move(one));
  turn();
  EXPECT_LE(most_in_flight, 2 * 64u);
  for (auto& one : flood)
    EXPECT_EQ(one.read(), 64u * 102u);
}

/// No descriptor is left: the oldest make room at once, and nothing of the pause outlives the endpoint.
TEST_F(TcpTest, OutOfDescriptors) {
  struct fewer {
    fewer() {
      ::getrlimit(RLIMIT_NOFILE, &before);
      rlimit now = before;
      now.rlim_cur = 1; // which poll(2) needs
      ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~fewer() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
  };
  open();
  turn();
  test::let_arrive(); // with its own descriptor
  tcp_client waits{port};
  {
    const fewer none;
    turn();
    EXPECT_EQ(server->connections(), 0u);
    server->drain(); // looks once more
  }
  server.reset();
  time.advance(1s);
  turn(30); // under AddressSanitizer the pause was a use after free
}

/// A socket is ready to be read and to be written, and the endpoint goes between the two.
TEST_F(TcpTest, WhatTheKernelSaidBeforeTheEndIsHeardAfterIt) {
  open();
  answer_octets = big;
  tcp_client c{port};
  c.ask(5); // more than the kernel takes, and less than stops the reading
  turn();
  c.read();
  c.ask();
  test::let_arrive();
  EXPECT_EQ(home.io().poll_one(), 1u);
  server.reset();
  home.io().restart();
  home.io().poll();
}

} // namespace
} // namespace troupe::net
