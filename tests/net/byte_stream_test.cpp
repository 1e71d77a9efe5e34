// SPDX-License-Identifier: Apache-2.0
#include "net/byte_stream.hpp"

#include "net/dns/response.hpp"
#include "net/upstream_link.hpp"
#include "tests/net/dns/packets.hpp"
#include "tests/net/tcp_fixture.hpp"

#include <deque>

namespace troupe::net {
namespace {

constexpr uint8_t secret = 0x5a;
constexpr size_t taken_at_once = 5, given_at_once = 7;

/// Stands for what encrypts: no octet is on the wire as its owner says it, a greeting comes before the first, all that
/// the socket has is taken at once and given in small pieces.
class scrambled_stream final : public byte_stream {
public:
  explicit scrambled_stream(loop& home) : byte_stream(home), unsent_{'h', 'i'} {}

  ssize_t read(std::span<uint8_t> into) noexcept override {
    uint8_t some[4096];
    const ssize_t n = has_read_ahead() ? -1 : ::recv(fd(), some, sizeof some, 0);
    if (n > 0)
      come_.insert(come_.end(), some, some + n);
    while (greeted_ < 2 && !come_.empty()) {
      come_.pop_front();
      ++greeted_;
    }
    if (come_.empty())
      return n == 0 ? 0 : -EAGAIN;
    const size_t count = std::min({into.size(), come_.size(), given_at_once});
    for (size_t i = 0; i < count; ++i)
      into[i] = come_[i] ^ secret;
    come_.erase(come_.begin(), come_.begin() + static_cast<ptrdiff_t>(count));
    return static_cast<ssize_t>(count);
  }
  bool has_read_ahead() const noexcept override { return greeted_ == 2 && !come_.empty(); }

  ssize_t write(std::span<const iovec> pieces) noexcept override {
    size_t taken = 0;
    if (!pieces.empty() && unsent_.empty()) {
      const auto* octets = static_cast<const uint8_t*>(pieces[0].iov_base);
      for (; taken < std::min(pieces[0].iov_len, taken_at_once); ++taken)
        unsent_.push_back(octets[taken] ^ secret);
    }
    const ssize_t n = ::send(fd(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (n > 0)
      unsent_.erase(unsent_.begin(), unsent_.begin() + n);
    return n < 0 && taken == 0 ? -errno : static_cast<ssize_t>(taken);
  }
  bool wants_room() const noexcept override { return !unsent_.empty(); }

private:
  std::vector<uint8_t> unsent_;
  std::deque<uint8_t> come_;
  size_t greeted_ = 0;
};

std::unique_ptr<byte_stream> open_scrambled(loop& home, descriptor fd) {
  return watched(std::make_unique<scrambled_stream>(home), std::move(fd));
}

/// A server, and the link of another to it.
class ByteStreamTest : public TcpTest {
protected:
  void on_queries(slice_handle&& fresh) override {
    slice slots = fresh.take();
    slots.each([&](slot& s) {
      std::vector<uint8_t> room(512);
      dns::response out{room, s.query};
      out.a(dns::section::answer, dns::in_question(), 30, {192, 0, 2, 1});
      slots.home().keep(s, out.bytes());
      s.rcode = dns::rcode::noerror;
    });
    std::move(slots).finish();
  }

  void ask(upstream_link& link, const std::string& name) {
    link.ask(dns::test::asked(name, 1, 0), {protocol::tcp, refetch::never, home.now() + std::chrono::seconds{5}},
             [this](exchange_result&& r) { results.push_back(std::move(r)); });
  }
  link_options to_server(stream_opener opener) {
    link_options options;
    options.to = *socket_address::from_text("127.0.0.1", port);
    options.side_by_side = 1;
    options.opener = std::move(opener);
    return options;
  }

  std::vector<exchange_result> results;
};

TEST_F(ByteStreamTest, ClientsAndUpstreamsAreServedByAnyStream) {
  opener = open_scrambled;
  open();
  upstream_link link{home, to_server(open_scrambled)};
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i)
      ask(link, "name" + std::to_string(i) + ".test.");
    turn();
  }
  ASSERT_EQ(results.size(), 30u);
  for (auto& r : results)
    EXPECT_TRUE(r.reply) << r.error;
  EXPECT_EQ(server->connections(), 1u);
}

TEST_F(ByteStreamTest, WhoDoesNotSpeakItGetsNothing) {
  opener = open_scrambled;
  open();
  upstream_link link{home, to_server(open_plain_stream)};
  ask(link, "name.test.");
  turn();
  EXPECT_TRUE(results.empty() || !results.front().reply);
}

TEST_F(ByteStreamTest, WhatCannotBeWatchedIsClosed) {
  opener = [](loop&, descriptor) { return nullptr; };
  open();
  tcp_client client{port};
  turn();
  client.read();
  EXPECT_TRUE(client.closed);
  EXPECT_EQ(server->connections(), 0u);
}

} // namespace
} // namespace troupe::net
