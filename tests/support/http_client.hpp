// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace testing_support {

/// A client that sends exactly the octets it is told to. Waits at most ten seconds for anything.
class http_client {
public:
  /// `from`: an IPv4 address of this machine to come from.
  http_client(const std::string& host, uint16_t port, const char* from = nullptr) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    const bool is_v6 = host.find(':') != std::string::npos;
    fd_ = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    v4.sin_family = AF_INET;
    if (from && ::inet_pton(AF_INET, from, &v4.sin_addr) == 1)
      ::bind(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4);
    v4.sin_port = v6.sin6_port = htons(port);
    v6.sin6_family = AF_INET6;
    ::inet_pton(is_v6 ? AF_INET6 : AF_INET, host.c_str(),
                is_v6 ? static_cast<void*>(&v6.sin6_addr) : static_cast<void*>(&v4.sin_addr));
    connected_ = is_v6 ? ::connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0
                       : ::connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4) == 0;
  }
  ~http_client() { ::close(fd_); }
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  static bool has_ipv6() {
    const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    const bool has = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) == 0;
    if (fd >= 0)
      ::close(fd);
    return has;
  }

  bool connected() const { return connected_; }

  void send(std::string_view octets) {
    while (!octets.empty()) {
      const auto n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return;
      octets.remove_prefix(static_cast<size_t>(n));
    }
  }

  /// Nothing more will be sent; answers can still be read.
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  /// All that comes until the server closes.
  std::string read_all() {
    std::string result;
    char buffer[16'384];
    for (pollfd p{fd_, POLLIN, 0}; ::poll(&p, 1, 10'000) > 0;) {
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0)
        break;
      result.append(buffer, static_cast<size_t>(n));
    }
    return result;
  }

  /// True as soon as the server has closed; false if it has not within `time`.
  bool closed_within(std::chrono::milliseconds time) {
    pollfd p{fd_, POLLIN, 0};
    char octet;
    return ::poll(&p, 1, static_cast<int>(time.count())) > 0 && ::recv(fd_, &octet, 1, MSG_PEEK) <= 0;
  }

private:
  int fd_ = -1;
  bool connected_ = false;
};

/// The whole answer to a GET of `path`, header included.
inline std::string get(const std::string& host, uint16_t port, const std::string& path) {
  http_client client{host, port};
  client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  return client.read_all();
}

} // namespace testing_support
