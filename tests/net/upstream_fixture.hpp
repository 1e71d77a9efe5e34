// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/upstream_link.hpp"
#include "tests/net/dns/replies.hpp"
#include "tests/support/let_arrive.hpp"

#include <boost/asio/io_context.hpp>
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

/// A link and the upstream it talks to in one thread: the test turns the loop and plays the upstream in between.
namespace troupe::net::test {

using dns::test::octets;
using dns::test::operator+;
using dns::test::rows;

inline socket_address loopback(uint16_t port = 0) {
  return socket_address::from_text("127.0.0.1", port).value();
}

inline link_options to(const socket_address& upstream) {
  link_options options;
  options.to = upstream;
  return options;
}

/// As to one that is known to answer out of order.
inline link_options sharing_connections(const socket_address& upstream) {
  link_options options = to(upstream);
  options.side_by_side = 1;
  return options;
}

/// To one that has just shown that it speaks EDNS: silence is silence then.
inline link_options knowing_edns(const socket_address& upstream, time_point now) {
  link_options options = to(upstream);
  options.edns = std::make_shared<upstream_edns>();
  options.edns->spoke(now);
  return options;
}

inline descriptor must(socket_result opened) {
  if (auto* failed = std::get_if<socket_error>(&opened)) {
    ADD_FAILURE() << failed->what;
    return {};
  }
  return std::move(std::get<descriptor>(opened));
}

inline size_t open_descriptors() {
  size_t count = 0;
  DIR* const all = ::opendir("/proc/self/fd");
  while (::readdir(all) != nullptr)
    ++count;
  ::closedir(all);
  return count;
}

/// A query as an upstream sees it.
struct seen {
  octets packet;
  dns::query query;
  socket_address from;
};

/// On a port that nobody has for TCP either: a test may listen there too.
inline descriptor open_upstream_port() {
  for (int tries = 0; tries < 100; ++tries) {
    descriptor udp = must(open_udp(loopback()));
    if (std::holds_alternative<descriptor>(open_tcp(bound_address(udp.get()))))
      return udp;
  }
  ADD_FAILURE() << "no port is free for UDP and TCP";
  return {};
}

/// The upstream's UDP side.
class udp_upstream {
public:
  udp_upstream() : fd_(open_upstream_port()) {}
  socket_address address() const { return bound_address(fd_.get()); }

  /// The next query that has been sent. Responses are none: what another test sends late may come here.
  std::optional<seen> receive() {
    troupe::test::let_arrive();
    for (;;) {
      seen got;
      got.packet.resize(65535);
      socklen_t size = sizeof got.from.raw;
      const ssize_t n = ::recvfrom(fd_.get(), got.packet.data(), got.packet.size(), 0, &got.from.raw.generic, &size);
      if (n < 0)
        return std::nullopt;
      got.packet.resize(static_cast<size_t>(n));
      const dns::verdict what = dns::parse_query(got.packet, got.query);
      if (what == dns::verdict::silence)
        continue;
      EXPECT_EQ(what, dns::verdict::serve);
      return got;
    }
  }
  void send(const socket_address& to, const octets& packet) {
    ::sendto(fd_.get(), packet.data(), packet.size(), 0, &to.raw.generic, to.size());
  }
  void close() { descriptor{std::move(fd_)}; }

private:
  descriptor fd_;
};

/// One TCP connection as the upstream has it.
class tcp_peer {
public:
  explicit tcp_peer(descriptor fd) : fd_(std::move(fd)) {}
  std::optional<seen> receive() {
    uint8_t buffer[65536];
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    closed_ |= n == 0;
    in_.insert(in_.end(), buffer, buffer + std::max<ssize_t>(n, 0));
    if (in_.size() < 2 || in_.size() - 2 < size_t{in_[0]} * 256 + in_[1])
      return std::nullopt;
    const auto end = in_.begin() + 2 + in_[0] * 256 + in_[1];
    seen got;
    got.packet.assign(in_.begin() + 2, end);
    in_.erase(in_.begin(), end);
    EXPECT_EQ(dns::parse_query(got.packet, got.query), dns::verdict::serve);
    return got;
  }
  void send_raw(const octets& data) { ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL); }
  void send(const octets& message) { send_raw(dns::test::be16(static_cast<unsigned>(message.size())) + message); }
  bool closed_by_link() {
    receive();
    return closed_;
  }
  void close() { descriptor{std::move(fd_)}; }

private:
  descriptor fd_;
  octets in_;
  bool closed_ = false;
};

/// The upstream's TCP side.
class tcp_upstream {
public:
  explicit tcp_upstream(const socket_address& at = loopback()) : fd_(must(open_tcp(at))) {}
  socket_address address() const { return bound_address(fd_.get()); }
  /// From now on the kernel answers nobody who connects, like a host that is gone.
  void fall_silent() {
    ::listen(fd_.get(), 0);
    const auto at = address();
    for (auto& c : filling_) {
      c = descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
      ::connect(c.get(), &at.raw.generic, at.size());
    }
  }
  std::unique_ptr<tcp_peer> accept() {
    descriptor fd{::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    return fd.get() < 0 ? nullptr : std::make_unique<tcp_peer>(std::move(fd));
  }

private:
  descriptor fd_;
  std::array<descriptor, 4> filling_;
};

class upstream_fixture : public testing::Test {
protected:
  upstream_fixture() { troupe::test::let_arrive(); } // its own socket is open before a test leaves none

  void turn() {
    troupe::test::let_arrive();
    home.run_turn();
    home.io().poll();
  }
  /// Turns the loop until `there` says so; sockets may need a moment.
  template <class Condition>
  bool until(Condition there) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!there())
      if (turn(); std::chrono::steady_clock::now() > end)
        return false;
    return true;
  }
  void pass(duration by) {
    time.advance(by);
    turn();
    turn();
  }

  exchange_wish wish(protocol over = protocol::udp, duration within = std::chrono::seconds(5)) {
    return {.over = over, .truncated = refetch::always, .deadline = time.now() + within};
  }
  void ask(upstream_link& link, const std::string& name, const exchange_wish& how, unsigned edns_size = 0) {
    const size_t mine = results.size();
    results.emplace_back();
    link.ask(dns::test::asked(name, 1, edns_size), how, [this, mine](exchange_result&& r) {
      EXPECT_FALSE(results[mine].has_value()) << "called twice";
      results[mine] = std::move(r);
    });
    EXPECT_FALSE(results[mine].has_value()) << "called from inside ask()";
  }
  bool all_done() const {
    return std::all_of(results.begin(), results.end(), [](auto& r) { return r.has_value(); });
  }
  size_t done() const {
    return static_cast<size_t>(std::count_if(results.begin(), results.end(), [](auto& r) { return r.has_value(); }));
  }
  /// Waits for all results and returns the last.
  const exchange_result& result() {
    EXPECT_TRUE(until([&] { return all_done(); })) << "no result";
    if (!results.back())
      results.back().emplace();
    return *results.back();
  }

  static octets good(const seen& q, unsigned flags = dns::flag::ra) {
    const std::string name = dns::to_text(q.query.name_as_sent());
    return dns::test::reply_to(q.query, q.query.id, flags,
                               flags & (dns::flag::tc | 15) ? rows{} : rows{name + " 30 A 192.0.2.1"});
  }

  manual_clock time;
  loop home{0, &time};
  std::deque<std::optional<exchange_result>> results;
};

} // namespace troupe::net::test
