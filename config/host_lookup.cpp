// SPDX-License-Identifier: Apache-2.0
#include "config/host_lookup.hpp"

#include "config/address.hpp"
#include "config/directives/upstreams.hpp"
#include "config/read_whole.hpp"
#include "net/dns/kept_reply.hpp"
#include "net/dns/message.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::config {

namespace {

using addresses = std::vector<std::string>;

constexpr std::chrono::seconds patience{2}; ///< with one question, as CoreDNS has it
constexpr size_t most_octets = 65535;
constexpr const char* default_dns_port = "53";

std::string small_first(std::string text) {
  if (!text.empty())
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// Whom the system asks first, for messages.
std::string system_server() {
  const auto content = read_whole("/etc/resolv.conf");
  const auto* const text = std::get_if<std::string>(&content);
  const auto servers = text ? read_nameservers(*text) : std::vector<host_port>{};
  return servers.empty() ? "" : " on " + servers.front().text();
}

std::variant<addresses, std::string> ask_system(const std::string& name) {
  addrinfo hints{}, *first = nullptr;
  hints.ai_socktype = SOCK_STREAM; // or each address comes three times
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &first);
  if (code != 0) {
    const bool unknown = code == EAI_NONAME || code == EAI_NODATA;
    return "lookup " + name + system_server() + ": " + (unknown ? "no such host" : small_first(::gai_strerror(code)));
  }
  addresses found;
  for (const addrinfo* each = first; each; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      found.emplace_back(text);
  }
  ::freeaddrinfo(first);
  if (found.empty())
    return "no addresses found for \"" + name + '"';
  return found;
}

/// One UDP socket, connected.
class asker {
public:
  explicit asker(const addrinfo& to) : fd_(::socket(to.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (fd_ < 0 || ::connect(fd_, to.ai_addr, to.ai_addrlen) != 0)
      error_ = std::string{fd_ < 0 ? "socket: " : "connect: "} + small_first(std::strerror(errno));
  }
  asker(const asker&) = delete;
  asker& operator=(const asker&) = delete;
  ~asker() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  const std::string& error() const { return error_; }

  /// `127.0.0.1:4321->`
  std::string own_end() const {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    auto* const at = reinterpret_cast<sockaddr*>(&own);
    if (::getsockname(fd_, at, &size) != 0 ||
        ::getnameinfo(at, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
      return {};
    return (std::strchr(host, ':') ? '[' + std::string{host} + ']' : host) + ':' + port + "->";
  }

  /// What came for the question; empty, and `why` is set: nothing.
  std::vector<uint8_t> exchange(const dns::query& asked, std::string& why) {
    uint16_t id = 0;
    uint8_t packet[dns::max_upstream_query_octets];
    if (::getrandom(&id, sizeof id, 0) != sizeof id) {
      why = "getrandom: " + small_first(std::strerror(errno));
      return {};
    }
    const size_t size = dns::write_upstream_query(asked, id, packet, false);
    if (::send(fd_, packet, size, 0) < 0) {
      why = "write: " + small_first(std::strerror(errno));
      return {};
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    std::vector<uint8_t> in(most_octets);
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      pollfd wanted{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) == 0) {
        why = "i/o timeout";
        return {};
      }
      const ssize_t n = ::recv(fd_, in.data(), in.size(), 0);
      if (n < 0 && errno != EAGAIN && errno != EINTR) {
        why = "read: " + small_first(std::strerror(errno));
        return {};
      }
      if (n > 0 && dns::is_reply_to({in.data(), static_cast<size_t>(n)}, asked, id)) {
        in.resize(static_cast<size_t>(n));
        return in;
      }
    }
  }

private:
  const int fd_;
  std::string error_;
};

/// All addresses of the answer section, whatever they belong to, as CoreDNS takes them.
void take_addresses(const std::vector<uint8_t>& reply, dns::rrtype type, addresses& out) {
  const auto read = dns::view_message(reply);
  const auto* const message = std::get_if<dns::message_view>(&read);
  if (!message)
    return;
  for (const auto& record : (*message)[dns::section::answer]) {
    char text[INET6_ADDRSTRLEN];
    if (record.type == static_cast<uint16_t>(type) && record.rrclass == static_cast<uint16_t>(dns::rrclass::in) &&
        ::inet_ntop(type == dns::rrtype::a ? AF_INET : AF_INET6, record.data.data(), text, sizeof text))
      out.emplace_back(text);
  }
}

struct target {
  std::string host, port;
  std::string text() const { return (host.find(':') == host.npos ? host : '[' + host + ']') + ':' + port; }
};

target target_of(const std::string& resolver) {
  const auto parsed = parse_host_port(resolver, {});
  const auto* const both = std::get_if<host_port>(&parsed);
  return both ? target{both->host, std::to_string(both->port)} : target{resolver, default_dns_port};
}

/// Adds what one resolver has; empty, or what went wrong.
std::string ask_resolver(const target& to, const std::string& name, addresses& out) {
  addrinfo hints{}, *end = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (const int code = ::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &end); code != 0)
    return "dial udp: lookup " + to.host + ": " + small_first(::gai_strerror(code));
  asker socket{*end};
  ::freeaddrinfo(end);
  if (!socket.error().empty())
    return "dial udp " + to.text() + ": " + socket.error();
  for (const auto type : {dns::rrtype::a, dns::rrtype::aaaa}) {
    dns::query asked;
    dns::set_name(asked, dns::name::from_text(name)->wire());
    asked.qtype = static_cast<uint16_t>(type);
    asked.qclass = static_cast<uint16_t>(dns::rrclass::in);
    asked.flags = 0x0100; // RD
    std::string why;
    const auto reply = socket.exchange(asked, why);
    if (!why.empty())
      return (why.starts_with("write") ? "write udp " : "read udp ") + socket.own_end() + to.text() + ": " + why;
    take_addresses(reply, type, out);
  }
  return {};
}

} // namespace

std::variant<addresses, std::string> look_up_host(const std::string& name, const std::vector<std::string>& resolvers) {
  if (resolvers.empty())
    return ask_system(name);
  const std::string none = "no addresses found for \"" + name + '"';
  if (!dns::name::from_text(name))
    return none;
  std::string last;
  for (const auto& resolver : resolvers) {
    addresses found;
    std::string wrong = ask_resolver(target_of(resolver), name, found);
    if (!found.empty())
      return found;
    if (!wrong.empty())
      last = std::move(wrong);
  }
  return last.empty() ? none : none + ": " + last;
}

} // namespace troupe::config
