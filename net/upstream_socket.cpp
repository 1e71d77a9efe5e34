// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <netinet/tcp.h>
#include <sstream>
#include <sys/socket.h>
#include <vector>

namespace troupe::net {

namespace {

/// Ports that are drawn before giving up: with nine of ten taken, all of so many are in one case of a thousand.
constexpr int max_draws = 64;

std::string line_of(const char* path) {
  std::string line;
  std::getline(std::ifstream{path} >> std::ws, line);
  return line;
}

/// All ports that a socket may be given without having asked for one.
std::vector<uint16_t> read_ephemeral_ports() {
  unsigned first = 0, last = 0;
  std::istringstream{line_of("/proc/sys/net/ipv4/ip_local_port_range")} >> first >> last;
  if (first == 0 || last > 65535 || first > last)
    first = 32768, last = 60999; // Linux's own
  std::vector<bool> taken(65536);
  std::istringstream reserved{line_of("/proc/sys/net/ipv4/ip_local_reserved_ports")}; // "8080,9148,30000-32000"
  for (std::string part; std::getline(reserved, part, ',');) {
    unsigned from = 0, to = 0;
    const int read = std::sscanf(part.c_str(), "%u-%u", &from, &to);
    for (unsigned port = from; read >= 1 && port <= std::min(read == 2 ? to : from, 65535u); ++port)
      taken[port] = true;
  }
  std::vector<uint16_t> ports;
  for (unsigned port = first; port <= last; ++port)
    if (!taken[port])
      ports.push_back(static_cast<uint16_t>(port));
  if (ports.empty())
    ports.push_back(0); // the kernel refuses, or knows better
  return ports;
}

const std::vector<uint16_t>& ephemeral_ports() {
  static const std::vector<uint16_t> ports = read_ephemeral_ports();
  return ports;
}

socket_error dial_failure(protocol over, const socket_address& to, const char* step) {
  const int code = errno;
  return {dial_error(over, to, step, go_text(code)), code};
}

const char* name_of(protocol p) noexcept {
  return p == protocol::udp ? "udp" : "tcp";
}

bool bind_to_random_port(int fd, socket_address at, secure_random& random) {
  const auto& ports = ephemeral_ports();
  for (int draw = 0; draw < max_draws; ++draw) {
    at.set_port(ports[random.below(static_cast<uint32_t>(ports.size()))]);
    if (::bind(fd, &at.raw.generic, at.size()) == 0)
      return true;
    if (errno != EADDRINUSE)
      return false;
  }
  return false;
}

} // namespace

void read_upstream_ports() {
  ephemeral_ports();
}

std::string go_text(int code) {
  std::string text = std::strerror(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] + ('a' - 'A'));
  return text;
}

std::string dial_error(protocol over, const socket_address& to, const char* step, const std::string& what) {
  return std::string{"dial "} + name_of(over) + ' ' + to.to_text() + ": " + step + (*step ? ": " : "") + what;
}

std::string stream_error(const char* verb, protocol over, int fd, const socket_address& to, const std::string& what) {
  return std::string{verb} + ' ' + name_of(over) + ' ' + bound_address(fd).to_text() + "->" + to.to_text() + ": " +
         what;
}

socket_result open_upstream_udp(const socket_address& to, const std::optional<socket_address>& from,
                                secure_random& random) {
  descriptor fd{::socket(to.raw.generic.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    return dial_failure(protocol::udp, to, "socket");
  socket_address any;
  any.raw.generic.sa_family = to.raw.generic.sa_family;
  if (!bind_to_random_port(fd.get(), from.value_or(any), random))
    return dial_failure(protocol::udp, to, "bind");
  if (::connect(fd.get(), &to.raw.generic, to.size()) != 0)
    return dial_failure(protocol::udp, to, "connect");
  return fd;
}

socket_result open_upstream_tcp(const socket_address& to, const std::optional<socket_address>& from) {
  descriptor fd{::socket(to.raw.generic.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    return dial_failure(protocol::tcp, to, "socket");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (from) {
    // The port is drawn at connect(), when the kernel knows both ends: many more connections fit.
    ::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(fd.get(), &from->raw.generic, from->size()) != 0)
      return dial_failure(protocol::tcp, to, "bind");
  }
  if (::connect(fd.get(), &to.raw.generic, to.size()) != 0 && errno != EINPROGRESS)
    return dial_failure(protocol::tcp, to, "connect");
  return fd;
}

} // namespace troupe::net
