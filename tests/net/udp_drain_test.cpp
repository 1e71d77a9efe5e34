// SPDX-License-Identifier: Apache-2.0
#include "net/udp_endpoint.hpp"
#include "tests/support/let_arrive.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

using namespace troupe;
using namespace troupe::net;

namespace {

/// Answers everything at once.
class answering_sink final : public sink {
public:
  explicit answering_sink(endpoint& of) : of_(of) {}
  plan_ptr current_plan() override { return {}; }
  void on_queries(slice_handle&& fresh) override {
    slice slots = fresh.take();
    slots.each([&](slot& s) { answer_code(slots.home(), s, dns::rcode::noerror); });
    of_.send(std::move(slots));
  }
  void on_finished(slice_handle&& done) override { of_.send(done.take()); }

private:
  endpoint& of_;
};

constexpr uint8_t question[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1};

/// A client that asks one question.
class client {
public:
  explicit client(const socket_address& server) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    ::connect(fd_.get(), &server.raw.generic, server.size());
  }
  void ask() const { ::send(fd_.get(), question, sizeof question, 0); }
  bool answered() const {
    troupe::test::let_arrive();
    uint8_t answer[512];
    return ::recv(fd_.get(), answer, sizeof answer, 0) > 0;
  }

private:
  descriptor fd_;
};

/// Two sockets on one port of `bound`, of which one is drained between questions: all are answered.
void drain_one_of_two(const char* bound) {
  loop home{0};
  const auto turn = [&] {
    for (int i = 0; i < 10; ++i) {
      troupe::test::let_arrive();
      home.run_turn();
      home.io().poll();
    }
  };
  auto first = open_udp(*socket_address::from_text(bound, 0));
  ASSERT_TRUE(std::holds_alternative<descriptor>(first));
  const uint16_t port = bound_address(std::get<descriptor>(first).get()).port();
  auto second = open_udp(*socket_address::from_text(bound, port));
  ASSERT_TRUE(std::holds_alternative<descriptor>(second));
  auto going = std::make_unique<udp_endpoint>(home, std::get<descriptor>(std::move(first)), endpoint::limits{});
  udp_endpoint staying{home, std::get<descriptor>(std::move(second)), endpoint::limits{}};
  answering_sink going_sink{*going}, staying_sink{staying};
  going->attach(&going_sink);
  staying.attach(&staying_sink);

  std::vector<client> clients;
  for (int i = 0; i < 64; ++i)
    clients.emplace_back(*socket_address::from_text("127.0.0.1", port));
  for (auto& c : clients)
    c.ask();
  turn();
  for (auto& c : clients)
    EXPECT_TRUE(c.answered()) << bound << ": before";
  EXPECT_GT(going->counters().received.load(), 0u);

  for (auto& c : clients)
    c.ask(); // to both sockets
  going->drain();
  for (auto& c : clients)
    c.ask(); // to the one that stays
  turn();
  EXPECT_TRUE(going->drained());
  for (auto& c : clients) {
    EXPECT_TRUE(c.answered()) << bound << ": what came before the drain";
    EXPECT_TRUE(c.answered()) << bound << ": what came after it";
  }
  going->attach(nullptr);
  going.reset();
  for (auto& c : clients)
    c.ask();
  turn();
  for (auto& c : clients)
    EXPECT_TRUE(c.answered()) << bound << ": after the end";
}

} // namespace

/// It has read as much as one call takes, and is to read again when it goes.
TEST(udp_endpoint, what_is_to_be_done_later_ends_with_it) {
  manual_clock time;
  loop home{0, &time};
  auto opened = open_udp(*socket_address::from_text("127.0.0.1", 0));
  const auto at = bound_address(std::get<descriptor>(opened).get());
  auto server = std::make_unique<udp_endpoint>(home, std::get<descriptor>(std::move(opened)), endpoint::limits{});
  answering_sink sink{*server};
  server->attach(&sink);
  home.run_turn();
  client c{at};
  for (size_t i = 0; i < 2 * udp_endpoint::datagrams_per_call; ++i)
    c.ask();
  troupe::test::let_arrive();
  home.io().poll();
  home.run_turn();
  EXPECT_GE(server->counters().received.load(), udp_endpoint::datagrams_per_call);
  server.reset();
  home.run_turn(); // under AddressSanitizer this was a use after free
}

TEST(udp_drain, nothing_is_lost_while_another_socket_has_the_port) {
  for (auto bound : {"127.0.0.1", "0.0.0.0"})
    drain_one_of_two(bound);
}
