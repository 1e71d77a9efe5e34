// SPDX-License-Identifier: Apache-2.0
#include "config/host_lookup.hpp"
#include "net/dns/query.hpp"
#include "tests/net/dns/replies.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <poll.h>
#include <regex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace troupe;
using dns::test::octets;

namespace {

/// Answers questions on loopback by a function, in a thread of its own; an empty answer is silence.
class resolver {
public:
  explicit resolver(std::function<octets(const dns::query&)> answer) : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    auto* const at = reinterpret_cast<sockaddr*>(&own);
    EXPECT_EQ(::bind(fd_, at, size), 0);
    ::getsockname(fd_, at, &size);
    address = "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
    thread_ = std::thread{[this, answer = std::move(answer)] {
      while (!over_) {
        pollfd wanted{fd_, POLLIN, 0};
        if (::poll(&wanted, 1, 10) != 1)
          continue;
        octets packet(512);
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        auto* const to = reinterpret_cast<sockaddr*>(&from);
        const ssize_t n = ::recvfrom(fd_, packet.data(), packet.size(), 0, to, &size);
        packet.resize(static_cast<size_t>(std::max<ssize_t>(n, 0)));
        dns::query asked;
        if (dns::parse_query(packet, asked) != dns::verdict::serve)
          continue;
        ++questions;
        if (const octets reply = answer(asked); !reply.empty())
          ::sendto(fd_, reply.data(), reply.size(), 0, to, size);
      }
    }};
  }
  ~resolver() {
    over_ = true;
    thread_.join();
    ::close(fd_);
  }

  std::string address;
  std::atomic<int> questions{0};

private:
  const int fd_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

std::string said(const std::string& name, const std::vector<std::string>& resolvers) {
  const auto found = config::look_up_host(name, resolvers);
  if (const auto* const wrong = std::get_if<std::string>(&found))
    return std::regex_replace(*wrong, std::regex{"127.0.0.1:[0-9]+->127.0.0.1:[0-9]+"}, "A->B");
  std::string all;
  for (const auto& address : std::get<std::vector<std::string>>(found))
    all += (all.empty() ? "" : " ") + address;
  return all;
}

octets with(const dns::query& q, const dns::test::rows& answer, unsigned flags = dns::flag::ra) {
  return dns::test::reply_to(q, q.id, flags, answer);
}

} // namespace

TEST(host_lookup, asks_resolvers_one_after_the_other) {
  resolver both{[](const dns::query& q) {
    return q.type() == dns::rrtype::a
             ? with(q, {"h.test 30 CNAME x.test", "x.test 30 A 192.0.2.1", "x.test 30 A 192.0.2.2"})
             : with(q, {"h.test 30 CNAME x.test", "x.test 30 AAAA 2001:db8::1"});
  }};
  resolver v6{[](const dns::query& q) {
    return q.type() == dns::rrtype::a ? with(q, {}) : with(q, {"h.test 30 AAAA 2001:db8::2"});
  }};
  resolver none{[](const dns::query& q) { return with(q, {}, dns::flag::ra | 3); }};
  resolver stranger{[](const dns::query& q) {
    octets reply = with(q, {"h.test 30 A 192.0.2.66"});
    reply[0] ^= 1; // another question's
    return reply;
  }};
  const std::string nobody = "no addresses found for \"h.test\"";
  EXPECT_EQ(said("h.test", {both.address}), "192.0.2.1 192.0.2.2 2001:db8::1");
  EXPECT_EQ(said("h.test.", {v6.address}), "2001:db8::2");
  EXPECT_EQ(said("h.test", {none.address}), nobody);
  EXPECT_EQ(said("h.test", {none.address, v6.address, both.address}), "2001:db8::2");
  EXPECT_EQ(both.questions, 2) << "it was not asked again";
  EXPECT_EQ(said("h.test", {"127.0.0.1:9"}), nobody + ": read udp A->B: read: connection refused");
  EXPECT_EQ(said("h.test", {"127.0.0.1:9", both.address}), "192.0.2.1 192.0.2.2 2001:db8::1");
  EXPECT_EQ(said("h.test", {stranger.address}), nobody + ": read udp A->B: i/o timeout");
  EXPECT_EQ(said(std::string(300, 'a'), {both.address}), "no addresses found for \"" + std::string(300, 'a') + '"');
}

TEST(host_lookup, asks_the_system_without_any) {
  EXPECT_NE(said("localhost", {}).find("127.0.0.1"), std::string::npos);
  const auto unknown = said("nothing.invalid", {});
  EXPECT_EQ(unknown.find("lookup nothing.invalid"), 0u) << unknown;
}
