// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"
#include "tests/net/tcp_fixture.hpp"

#include <algorithm>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

/// Messages of a given size that carry their number in the ID; counts what lives.
class numbered_messages final : public answer_source {
public:
  struct script {
    size_t messages = 3, octets = 60'000, idle_steps = 0;
    size_t fails_at = SIZE_MAX; ///< message that throws
  };

  numbered_messages(script how, int& alive, size_t& made) : how_(how), alive_(alive), made_(made) { ++alive_; }
  ~numbered_messages() override { --alive_; }

  piece next(std::span<uint8_t> out) override {
    if (idle_++ < how_.idle_steps)
      return {};
    idle_ = 0;
    if (at_ == how_.fails_at)
      throw std::runtime_error("no more");
    std::fill_n(out.begin(), how_.octets, uint8_t{0});
    dns::put16(out.data(), static_cast<uint16_t>(at_));
    ++made_;
    return {how_.octets, how_.octets + 1, ++at_ == how_.messages};
  }

private:
  script how_;
  int& alive_;
  size_t& made_;
  size_t at_ = 0, idle_ = 0;
};

/// One that asks for zones and reads whole messages.
class client : public tcp_client {
public:
  using tcp_client::tcp_client;

  void ask(uint16_t id, dns::rrtype type = dns::rrtype::axfr) {
    uint8_t packet[2 + 12 + 1 + 4] = {0, 17};
    dns::put16(packet + 2, id);
    packet[7] = 1;
    dns::put16(dns::put16(packet + 15, static_cast<uint16_t>(type)), 1);
    send(packet);
  }

  /// Takes what is there; whole messages go to `ids`.
  void read() {
    uint8_t some[16 * 1024];
    for (ssize_t n; (n = ::recv(fd_.get(), some, sizeof some, MSG_DONTWAIT)) >= 0;) {
      closed |= n == 0;
      if (n == 0)
        break;
      in_.insert(in_.end(), some, some + n);
    }
    while (in_.size() >= 2 && in_.size() >= 2u + dns::get16(in_.data())) {
      const size_t size = dns::get16(in_.data());
      ids.push_back(dns::get16(&in_[2]));
      rcodes.push_back(in_[5] & 15);
      in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(2 + size));
    }
  }
  void leave() { fd_ = descriptor{}; }

  std::vector<uint16_t> ids;
  std::vector<int> rcodes;

private:
  std::vector<uint8_t> in_;
};

/// A TCP endpoint on a loop that the test turns, with an answerer who gives AXFR to numbered messages.
class StreamedAnswerTest : public ::testing::Test, public sink {
public:
  StreamedAnswerTest() { open({}); }
  ~StreamedAnswerTest() override {
    server.reset();
    EXPECT_EQ(alive, 0) << "sources left behind";
  }

  void open(tcp_endpoint::stream_limits limits) {
    auto listening = open_tcp(*socket_address::from_text("127.0.0.1", 0));
    ASSERT_TRUE(std::holds_alternative<descriptor>(listening));
    port = bound_address(std::get<descriptor>(listening).get()).port();
    clients = std::make_shared<tcp_clients>(home, tcp_clients::limits{});
    server = std::make_unique<tcp_endpoint>(home, std::get<descriptor>(std::move(listening)), endpoint::limits{},
                                            limits, clients);
    server->attach(this);
  }

  plan_ptr current_plan() override { return {}; }
  void on_queries(slice_handle&& fresh) override {
    slice slots = fresh.take();
    slots.each([&](slot& s) {
      if (!s.query.is_transfer() || !gives)
        return answer_code(slots.home(), s, dns::rcode::nxdomain);
      slots.home().keep(s, std::make_unique<numbered_messages>(script, alive, made));
    });
    std::move(slots).finish();
  }
  void on_finished(slice_handle&& done) override {
    slice slots = done.take();
    slots.each([&](slot& s) {
      if (s.rest && !s.streamed)
        return;
      const bool whole = s.rcode == dns::rcode::noerror;
      counted.push_back({s.streamed, whole, s.uncompressed_octets});
      EXPECT_EQ(s.failure == nullptr, whole || !s.query.is_transfer());
    });
    server->send(std::move(slots));
  }

  /// Turns the loop until nothing is to be done, or `enough` says so.
  void turn(const std::function<bool()>& enough = [] { return false; }) {
    for (int quiet = 0; quiet < 20 && !enough();) {
      test::let_arrive();
      const bool more = home.run_turn();
      const bool handled = home.io().poll() != 0;
      home.io().restart();
      quiet = more || handled ? 0 : quiet + 1;
      time.advance(1us);
    }
  }
  void turn_and_read(std::initializer_list<client*> readers, int rounds = 200) {
    for (int i = 0; i < rounds; ++i) {
      turn();
      for (client* c : readers)
        c->read();
    }
  }

  struct end {
    bool streamed, whole;
    uint32_t octets;
    bool operator==(const end&) const = default;
  };

  manual_clock time;
  loop home{0, &time};
  std::shared_ptr<tcp_clients> clients;
  std::unique_ptr<tcp_endpoint> server;
  uint16_t port = 0;
  numbered_messages::script script;
  bool gives = true;
  int alive = 0;
  size_t made = 0;
  std::vector<end> counted;
};

TEST_F(StreamedAnswerTest, AllMessagesInOrderThenOneCount) {
  script = {.messages = 20, .octets = 60'000, .idle_steps = 3};
  client c{port};
  c.ask(1);
  turn_and_read({&c});
  ASSERT_EQ(c.ids.size(), 20u);
  for (size_t i = 0; i < c.ids.size(); ++i)
    EXPECT_EQ(c.ids[i], i);
  EXPECT_EQ(counted, (std::vector<end>{{true, true, 20 * 60'001}}));
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(server->in_flight(), 0u);
  EXPECT_FALSE(c.closed);
}

/// What a client does not take is not made: two messages and what the kernel holds.
TEST_F(StreamedAnswerTest, ASlowClientIsWaitedFor) {
  script = {.messages = 1000, .octets = 60'000};
  client c{port};
  c.ask(1);
  turn();
  const size_t before = made;
  EXPECT_LT(before, 200u) << "that is what socket buffers take";
  turn();
  EXPECT_EQ(made, before);
  client other{port};
  other.ask(9, dns::rrtype::a);
  turn_and_read({&other}, 3);
  EXPECT_EQ(other.ids, std::vector<uint16_t>{9}) << "others are answered meanwhile";
  c.read();
  turn();
  EXPECT_GT(made, before);
}

TEST_F(StreamedAnswerTest, AClientThatTakesNothingIsCutOff) {
  script = {.messages = 1000, .octets = 60'000};
  client c{port};
  c.ask(1);
  turn();
  time.advance(7s);
  turn();
  EXPECT_EQ(counted, (std::vector<end>{{true, false, counted.empty() ? 0 : counted[0].octets}}));
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(StreamedAnswerTest, AClientThatTakesTooLongIsCutOff) {
  script = {.messages = 100'000, .octets = 60'000};
  client c{port};
  c.ask(1);
  turn();
  ASSERT_EQ(server->connections(), 1u);
  for (int i = 0; i < 310 && server->connections() != 0; ++i) {
    turn([&, from = made] { return made > from + 3; });
    c.read();
    time.advance(1s);
  }
  turn();
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(counted.size(), 1u);
}

TEST_F(StreamedAnswerTest, AClientThatLeavesCostsNothingMore) {
  script = {.messages = 1000, .octets = 60'000};
  for (int when = 0; when < 4; ++when) {
    client c{port};
    c.ask(1);
    turn([&, from = made, wait = static_cast<size_t>(when)] { return made >= from + wait; });
    c.leave();
    turn();
    EXPECT_EQ(alive, 0) << when;
    EXPECT_EQ(server->in_flight(), 0u) << when;
  }
  EXPECT_EQ(counted.size(), 4u);
  for (auto& each : counted)
    EXPECT_FALSE(each.whole);
}

/// Pipelined: other questions between the messages, transfers of one connection one after the other.
TEST_F(StreamedAnswerTest, OneAtATimeOnAConnection) {
  script = {.messages = 4, .octets = 40'000};
  client c{port};
  c.ask(1);
  c.ask(2);
  c.ask(77, dns::rrtype::a);
  turn_and_read({&c}, 50);
  std::erase(c.ids, 77);
  EXPECT_EQ(c.ids, (std::vector<uint16_t>{0, 1, 2, 3, 0, 1, 2, 3}));
  EXPECT_EQ(counted.size(), 3u);
}

TEST_F(StreamedAnswerTest, OnlySoManyAtOnce) {
  open({.streamed = 4}); // of which a client has half
  script = {.messages = 1000, .octets = 60'000};
  std::vector<std::unique_ptr<client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<client>(port));
    clients.back()->ask(1);
    turn();
  }
  const size_t before = made;
  EXPECT_EQ(alive, 5) << "those that wait are there, and have begun nothing";
  for (auto& c : clients)
    c->read();
  EXPECT_EQ(std::ranges::count_if(clients, [](auto& c) { return !c->ids.empty(); }), 2);
  clients[0]->leave();
  turn();
  EXPECT_GT(made, before) << "the next one's turn";
  clients[2]->read();
  EXPECT_FALSE(clients[2]->ids.empty());
  clients[4]->leave(); // one that waits: it may have closed its side alone, and is found out when it gets something
  turn();
  EXPECT_EQ(alive, 4);
  for (int gone : {1, 2, 3})
    clients[static_cast<size_t>(gone)]->leave();
  turn();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(server->connections(), 0u);
}

/// Of four places a client has two, and the oldest ends when somebody else has waited for long.
TEST_F(StreamedAnswerTest, ClientsShareThePlaces) {
  open({.streamed = 4});
  script = {.messages = 10'000, .octets = 60'000};
  std::vector<std::unique_ptr<client>> clients;
  for (auto from : {"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"}) {
    clients.push_back(std::make_unique<client>(port, from));
    clients.back()->ask(1);
    turn([&, before = made] { return made > before + 5; });
  }
  const auto got = [&](size_t which) { return !clients[which]->ids.empty(); };
  const auto pass = [&](int seconds) {
    for (int second = 0; second < seconds; ++second) {
      for (auto& c : clients)
        c->read();
      turn([&, before = made] { return made > before + 10; });
      time.advance(1s);
    }
  };
  pass(25);
  EXPECT_EQ((std::vector<bool>{got(0), got(1), got(2), got(3), got(4), got(5)}),
            (std::vector<bool>{true, true, false, true, true, false}));
  EXPECT_FALSE(clients[0]->closed);
  pass(10);
  EXPECT_TRUE(clients[0]->closed);
  EXPECT_TRUE(got(5));
  EXPECT_FALSE(clients[1]->closed) << "nobody else waits any more";
  clients.clear();
  turn();
}

TEST_F(StreamedAnswerTest, NoMoreWaitThanMay) {
  open({.streamed = 2, .streamed_waiting = 8});
  script = {.messages = 1000, .octets = 60'000};
  client first{port}, second{port}, other{port, "127.0.0.2"};
  for (client* c : {&first, &second, &other})
    for (int left = c == &other ? 1 : 4; left != 0; --left) {
      c->ask(7000);
      turn([&, before = server->in_flight()] { return server->in_flight() != before; });
    }
  turn_and_read({&second, &other}, 3);
  EXPECT_GT(std::ranges::count(second.rcodes, 2), 0) << "its address has four of eight";
  EXPECT_EQ(std::ranges::count(other.rcodes, 2), 0);
  for (client* c : {&first, &second, &other})
    c->leave();
  turn();
}

/// Before the first message there is an answer; later the connection ends, so that nobody takes a part for the whole.
TEST_F(StreamedAnswerTest, ASourceThatFails) {
  for (size_t at : {size_t{0}, size_t{2}}) {
    script = {.messages = 5, .octets = 30'000, .fails_at = at};
    client c{port};
    c.ask(21);
    turn_and_read({&c}, 20);
    if (at == 0) {
      EXPECT_EQ(c.ids, std::vector<uint16_t>{21});
      EXPECT_EQ(c.rcodes, std::vector<int>{2});
      EXPECT_FALSE(c.closed);
    } else {
      EXPECT_EQ(c.ids.size(), 2u);
      EXPECT_TRUE(c.closed);
    }
    EXPECT_FALSE(counted.back().whole);
    EXPECT_EQ(alive, 0);
  }
}

TEST_F(StreamedAnswerTest, DrainingWaitsForIt) {
  script = {.messages = 200, .octets = 60'000}; // more than the kernel takes
  client c{port};
  c.ask(1);
  turn();
  server->drain();
  EXPECT_FALSE(server->drained());
  for (int i = 0; i < 5000 && c.ids.size() < 200; ++i)
    turn_and_read({&c}, 1);
  EXPECT_EQ(c.ids.size(), 200u);
  turn();
  EXPECT_TRUE(server->drained());
}

/// Whoever answers dies with the slot after it has given the answer: the question is asked again, its first answer is
/// nobody's any more.
TEST_F(StreamedAnswerTest, ASlotThatIsDroppedBeforeItIsStreamed) {
  class dropper final : public sink {
  public:
    explicit dropper(StreamedAnswerTest& test) : test_(test) {}
    plan_ptr current_plan() override { return {}; }
    void on_queries(slice_handle&& fresh) override {
      slice slots = fresh.take();
      if (++asked == 1)
        slots.each([&](slot& s) {
          slots.home().keep(s, std::make_unique<numbered_messages>(test_.script, test_.alive, test_.made));
        });
      else
        return test_.on_queries(std::move(slots).hand_over());
    }
    void on_finished(slice_handle&& done) override { test_.on_finished(std::move(done)); }
    int asked = 0;

  private:
    StreamedAnswerTest& test_;
  } answerer{*this};
  server->attach(&answerer);
  script = {.messages = 3, .octets = 1000};
  client c{port};
  c.ask(1);
  turn_and_read({&c}, 10);
  EXPECT_EQ(answerer.asked, 2);
  EXPECT_EQ(c.ids, (std::vector<uint16_t>{0, 1, 2}));
  EXPECT_EQ(counted.size(), 1u);
}

} // namespace
} // namespace troupe::net
