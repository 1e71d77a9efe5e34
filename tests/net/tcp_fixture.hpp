// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/wire.hpp"
#include "net/tcp_endpoint.hpp"
#include "tests/support/let_arrive.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <list>
#include <sys/socket.h>

namespace troupe::net {

/// A client's end of a connection, read as the test says.
class tcp_client {
public:
  explicit tcp_client(uint16_t port, const char* from = "127.0.0.1")
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int small = 32 * 1024; // so that a client that does not read is noticed soon
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const auto here = *socket_address::from_text(from, 0), to = *socket_address::from_text("127.0.0.1", port);
    EXPECT_EQ(::bind(fd_.get(), &here.raw.generic, here.size()), 0);
    EXPECT_EQ(::connect(fd_.get(), &to.raw.generic, to.size()), 0);
  }

  /// `count` questions in one piece.
  void ask(size_t count = 1) {
    std::vector<uint8_t> all;
    for (size_t i = 0; i < count; ++i)
      all.insert(all.end(), std::begin(question), std::end(question));
    send(all);
  }
  void send(std::span<const uint8_t> octets) {
    EXPECT_EQ(::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
  }

  /// Takes up to so many octets of what is there; how many.
  size_t read(size_t most = SIZE_MAX) {
    uint8_t some[16 * 1024];
    size_t taken = 0;
    while (taken < most) {
      const ssize_t n = ::recv(fd_.get(), some, std::min(sizeof some, most - taken), MSG_DONTWAIT);
      if (n <= 0) {
        closed |= n == 0 || errno == ECONNRESET;
        break;
      }
      taken += static_cast<size_t>(n);
    }
    octets += taken;
    return taken;
  }

  static constexpr uint8_t question[] = {0, 17, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
  size_t octets = 0;
  bool closed = false;

protected:
  descriptor fd_;
};

/// A TCP endpoint on a loop that the test turns. Answers have `answer_octets` each; while `holds`, they are kept back.
class TcpTest : public ::testing::Test, public sink {
public:
  ~TcpTest() override {
    held.clear();
    server.reset();
  }

  void open(tcp_clients::limits limits = {}, tcp_endpoint::stream_limits streams = {}) {
    auto listening = open_tcp(*socket_address::from_text("127.0.0.1", 0));
    ASSERT_TRUE(std::holds_alternative<descriptor>(listening));
    port = bound_address(std::get<descriptor>(listening).get()).port();
    clients = std::make_shared<tcp_clients>(home, limits);
    server = std::make_unique<tcp_endpoint>(home, std::get<descriptor>(std::move(listening)), endpoint::limits{},
                                            streams, clients, opener);
    server->attach(this);
  }

  plan_ptr current_plan() override { return {}; }
  void on_queries(slice_handle&& fresh) override {
    slice slots = fresh.take();
    slots.each([&](slot& s) { asked.push_back(s.from); });
    holds ? held.push_back(std::move(slots)) : answer(std::move(slots));
  }
  void on_finished(slice_handle&& done) override { server->send(done.take()); }

  void answer(slice slots) {
    std::vector<uint8_t> octets(answer_octets);
    slots.each([&](slot& s) { slots.home().keep(s, octets); });
    std::move(slots).finish();
  }

  /// Turns the loop until nothing is to be done.
  void turn(int most = 2000) {
    for (int quiet = 0; quiet < 20 && most-- > 0;) {
      test::let_arrive();
      const bool more = home.run_turn();
      const bool handled = home.io().poll() != 0;
      home.io().restart();
      const uint64_t received = server ? server->counters().received.load() : 0;
      quiet = more || handled || received != received_ ? 0 : quiet + 1;
      received_ = received;
      most_octets = std::max(most_octets, clients ? clients->octets() : 0);
      most_in_flight = std::max(most_in_flight, server ? server->in_flight() : 0);
      time.advance(std::chrono::microseconds{1});
    }
  }

  manual_clock time;
  loop home{0, &time};
  stream_opener opener = open_plain_stream; ///< before open()
  std::shared_ptr<tcp_clients> clients;
  std::unique_ptr<tcp_endpoint> server;
  uint16_t port = 0;
  size_t answer_octets = 100;
  bool holds = false;
  std::vector<slice> held;
  std::vector<peer> asked; ///< by whom, in order
  uint64_t received_ = 0;
  size_t most_octets = 0, most_in_flight = 0;
};

} // namespace troupe::net
