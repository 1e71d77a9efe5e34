// SPDX-License-Identifier: Apache-2.0
#include "actors/http/listen.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <strings.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int backlog = 128; ///< connections the kernel keeps until they are accepted

struct host_and_port {
  std::string host; ///< empty: all addresses
  std::string port;
};

std::optional<host_and_port> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return std::nullopt;
  host_and_port result{address.substr(0, colon), address.substr(colon + 1)};
  auto& host = result.host;
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return std::nullopt; // an IPv6 address needs brackets, or its end would be read as the port
  uint16_t number = 0;
  auto [end, error] = std::from_chars(result.port.data(), result.port.data() + result.port.size(), number);
  if (error != std::errc{} || end != result.port.data() + result.port.size())
    return std::nullopt;
  return result;
}

/// The host as Go's listener takes it: an IPv4-mapped address is the IPv4 address, an unspecified one is all addresses.
std::string meant_by(const std::string& host) {
  in6_addr v6;
  in_addr v4;
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return v4.s_addr == INADDR_ANY ? "" : host;
  if (::inet_pton(AF_INET6, host.c_str(), &v6) != 1)
    return host;
  if (IN6_IS_ADDR_UNSPECIFIED(&v6))
    return "";
  char text[INET_ADDRSTRLEN];
  return IN6_IS_ADDR_V4MAPPED(&v6) ? meant_by(::inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof text)) : host;
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// A listening socket on one address, or the errno.
std::variant<int, std::error_code> listen_on(const sockaddr* address, socklen_t length, bool both_families,
                                             bool shared) {
  const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return std::error_code{errno, std::generic_category()};
  const int yes = 1, only_v6 = both_families ? 0 : 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (shared)
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  if (address->sa_family == AF_INET6)
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (::bind(fd, address, length) == 0 && ::listen(fd, backlog) == 0)
    return fd;
  const std::error_code error{errno, std::generic_category()};
  ::close(fd);
  return error;
}

std::variant<int, std::string> listen_on_all(uint16_t port, bool shared) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  auto both = listen_on(reinterpret_cast<const sockaddr*>(&v6), sizeof v6, true, shared);
  if (auto* fd = std::get_if<int>(&both))
    return *fd;
  const auto error = std::get<std::error_code>(both);
  // Only a kernel without IPv6 is a reason to go on without it; a port in use is not.
  if (error != std::errc::address_family_not_supported && error != std::errc::address_not_available)
    return reason(error.value());
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  auto one = listen_on(reinterpret_cast<const sockaddr*>(&v4), sizeof v4, false, shared);
  if (auto* fd = std::get_if<int>(&one))
    return *fd;
  return reason(std::get<std::error_code>(one).value());
}

/// Of several addresses the first that works.
std::variant<int, std::string> listen_on_host(const char* host, const char* port, bool shared) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host, port, &hints, &found); error != 0)
    return std::string{::gai_strerror(error)};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  std::string last = "no address";
  for (const addrinfo* a : listening_order(found)) {
    auto got = listen_on(a->ai_addr, a->ai_addrlen, false, shared);
    if (auto* fd = std::get_if<int>(&got))
      return *fd;
    last = reason(std::get<std::error_code>(got).value());
  }
  return last;
}

} // namespace

std::variant<int, std::string> listen_tcp(const std::string& address, bool shared) {
  auto parts = split(address);
  if (!parts)
    return std::string{"not an address of the form HOST:PORT, [IPV6]:PORT or :PORT"};
  const std::string host = meant_by(parts->host);
  if (host.empty())
    return listen_on_all(static_cast<uint16_t>(std::stoul(parts->port)), shared);
  const bool local = ::strcasecmp(host.c_str(), "localhost") == 0;
  return listen_on_host(local ? "127.0.0.1" : host.c_str(), parts->port.c_str(), shared);
}

std::vector<const addrinfo*> listening_order(const addrinfo* found) {
  std::vector<const addrinfo*> out;
  for (; found != nullptr; found = found->ai_next)
    out.push_back(found);
  std::stable_partition(out.begin(), out.end(), [](const addrinfo* a) { return a->ai_family == AF_INET; });
  return out;
}

uint16_t local_port(int descriptor) noexcept {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    return 0;
  if (storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

} // namespace troupe
