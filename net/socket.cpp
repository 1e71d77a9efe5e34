// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::net {

namespace {

constexpr int receive_buffer_octets = 4 << 20; ///< the kernel caps it at net.core.rmem_max
constexpr int send_buffer_octets = 4 << 20;
/// Of a client's connection: the kernel would let it grow to megabytes for one that does not read, and says that there
/// is room again when a third of it is.
constexpr int stream_send_buffer_octets = 64 << 10;
constexpr int backlog = 4096; ///< the kernel caps it at net.core.somaxconn

/// What to do about it, for the reasons that a Corefile can have.
const char* remedy(int code) {
  if (code == EADDRINUSE)
    return "; another process listens there: end it, or serve another port or, with 'bind', another address";
  if (code == EACCES)
    return "; ports below 1024 take the capability NET_BIND_SERVICE";
  if (code == EADDRNOTAVAIL)
    return "; this machine does not have the address";
  return "";
}

socket_error failure(const char* what, int type, const socket_address& at) {
  const int code = errno;
  return {std::string{what} + " " + at.to_text() + (type == SOCK_STREAM ? "/tcp" : "/udp") + ": " +
            std::strerror(code) + remedy(code),
          code};
}

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

socket_result open(const socket_address& at, int type) {
  descriptor fd{::socket(at.raw.generic.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    return failure("cannot open a socket for", type, at);
  if (type == SOCK_STREAM) // for connections in TIME_WAIT; for UDP it would let any user share the port
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (at.is_v6())
    set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const bool any_port = at.port() == 0; // drawn by who would share, it may be one that others have
  if (!any_port)
    set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (::bind(fd.get(), &at.raw.generic, at.size()) != 0)
    return failure("cannot listen on", type, at);
  if (any_port)
    set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  return fd;
}

/// The interface that a zone means (RFC 4007 section 11.2): its name, or its number, also of one still to come. 0:
/// neither.
uint32_t interface_of(std::string_view zone) noexcept {
  if (const unsigned known = ::if_nametoindex(std::string{zone}.c_str()))
    return known;
  uint32_t number = 0;
  const auto [end, problem] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  return problem == std::errc{} && end == zone.data() + zone.size() ? number : 0;
}

std::string zone_text(uint32_t interface) {
  char name[IF_NAMESIZE];
  return ::if_indextoname(interface, name) ? std::string{name} : std::to_string(interface);
}

} // namespace

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::optional<socket_address> socket_address::from_text(const std::string& host, uint16_t port) {
  socket_address out;
  if (::inet_pton(AF_INET, host.c_str(), &out.raw.v4.sin_addr) == 1) {
    out.raw.v4.sin_family = AF_INET;
    out.set_port(port);
    return out;
  }
  const size_t zone = host.find('%');
  if (::inet_pton(AF_INET6, host.substr(0, zone).c_str(), &out.raw.v6.sin6_addr) != 1)
    return std::nullopt;
  out.raw.v6.sin6_family = AF_INET6;
  if (zone != std::string::npos) {
    out.raw.v6.sin6_scope_id = interface_of(std::string_view{host}.substr(zone + 1));
    if (out.raw.v6.sin6_scope_id == 0)
      return std::nullopt;
  }
  out.set_port(port);
  return out;
}

bool socket_address::is_wildcard() const noexcept {
  return is_v6() ? IN6_IS_ADDR_UNSPECIFIED(&raw.v6.sin6_addr) : raw.v4.sin_addr.s_addr == INADDR_ANY;
}

std::string socket_address::to_text() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_v6()) {
    ::inet_ntop(AF_INET6, &raw.v6.sin6_addr, text, sizeof text);
    const std::string zone = raw.v6.sin6_scope_id == 0 ? "" : "%" + zone_text(raw.v6.sin6_scope_id);
    return "[" + (text + zone) + "]:" + std::to_string(port());
  }
  ::inet_ntop(AF_INET, &raw.v4.sin_addr, text, sizeof text);
  return std::string{text} + ":" + std::to_string(port());
}

socket_result open_udp(const socket_address& at) {
  auto opened = open(at, SOCK_DGRAM);
  if (auto* fd = std::get_if<descriptor>(&opened)) {
    set(fd->get(), SOL_SOCKET, SO_RCVBUF, receive_buffer_octets);
    set(fd->get(), SOL_SOCKET, SO_SNDBUF, send_buffer_octets);
    if (at.is_wildcard())
      at.is_v6() ? set(fd->get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(fd->get(), IPPROTO_IP, IP_PKTINFO, 1);
    // A forged "fragmentation needed" must not make answers shrink or vanish.
    if (!at.is_v6())
      set(fd->get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  }
  return opened;
}

socket_result open_tcp(const socket_address& at) {
  auto opened = open(at, SOCK_STREAM);
  if (auto* fd = std::get_if<descriptor>(&opened)) {
    set(fd->get(), IPPROTO_TCP, TCP_NODELAY, 1); // accepted sockets inherit both
    set(fd->get(), SOL_SOCKET, SO_SNDBUF, stream_send_buffer_octets);
    if (::listen(fd->get(), backlog) != 0)
      return failure("cannot listen on", SOCK_STREAM, at);
  }
  return opened;
}

bool has_ipv6() {
  descriptor fd{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  return fd.get() >= 0;
}

socket_address bound_address(int fd) {
  socket_address out;
  socklen_t size = sizeof out.raw;
  ::getsockname(fd, &out.raw.generic, &size);
  return out;
}

} // namespace troupe::net
