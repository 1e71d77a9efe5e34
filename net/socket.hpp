// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace troupe::net {

/// A numeric address and port to listen on or to send to.
struct socket_address {
  union {
    sockaddr generic;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } raw{};

  /// From numeric text ("0.0.0.0", "::1", "fe80::1%eth0", "fe80::1%3"); nothing for anything else, nor with an
  /// interface that is not there.
  static std::optional<socket_address> from_text(const std::string& host, uint16_t port);
  bool is_v6() const noexcept { return raw.generic.sa_family == AF_INET6; }
  bool is_wildcard() const noexcept;
  socklen_t size() const noexcept { return is_v6() ? sizeof raw.v6 : sizeof raw.v4; }
  uint16_t port() const noexcept { return ntohs(is_v6() ? raw.v6.sin6_port : raw.v4.sin_port); }
  void set_port(uint16_t port) noexcept { (is_v6() ? raw.v6.sin6_port : raw.v4.sin_port) = htons(port); }
  std::string to_text() const; ///< "127.0.0.1:53", "[::1]:53", "[fe80::1%eth0]:53"
};

/// A file descriptor, closed with its owner.
class descriptor {
public:
  descriptor() noexcept = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

private:
  int fd_ = -1;
};

/// Why a socket could not be opened: what was tried and errno.
struct socket_error {
  std::string what;
  int code = 0;
};

using socket_result = std::variant<descriptor, socket_error>;

/// A non-blocking UDP socket with SO_REUSEPORT, one for each loop on a port (0: one nobody has); on a wildcard address
/// it reports where each datagram was sent to (IP_PKTINFO). IPv6 sockets take no IPv4 (the IPv4 socket does).
socket_result open_udp(const socket_address& at);

/// A non-blocking listening TCP socket, likewise.
socket_result open_tcp(const socket_address& at);

/// False on a kernel without IPv6.
bool has_ipv6();

/// The address a socket is bound to.
socket_address bound_address(int fd);

} // namespace troupe::net
