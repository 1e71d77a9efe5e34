// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace troupe::config {

namespace {

struct split {
  std::string_view host, port;
};

std::string wrong(std::string_view text, const char* what) {
  return "address " + std::string{text} + ": " + what;
}

std::variant<split, std::string> split_host_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos)
    return wrong(text, "missing port in address");
  split parts{text.substr(0, colon), text.substr(colon + 1)};
  if (text[0] == '[') {
    const size_t close = text.find(']');
    if (close == text.npos)
      return wrong(text, "missing ']' in address");
    if (close + 1 == text.size())
      return wrong(text, "missing port in address");
    if (close + 1 != colon)
      return wrong(text, text[close + 1] == ':' ? "too many colons in address" : "missing port in address");
    parts.host = text.substr(1, close - 1);
  } else if (parts.host.find(':') != parts.host.npos) {
    return wrong(text, "too many colons in address");
  }
  if (parts.host.find('[') != parts.host.npos)
    return wrong(text, "unexpected '[' in address");
  if (parts.host.find(']') != parts.host.npos)
    return wrong(text, "unexpected ']' in address");
  return parts;
}

} // namespace

std::string host_port::text() const {
  const std::string number = std::to_string(port);
  return host.find(':') == host.npos ? host + ":" + number : "[" + host + "]:" + number;
}

std::variant<host_port, std::string> parse_host_port(std::string_view text) {
  auto parts = split_host_port(text);
  if (auto* problem = std::get_if<std::string>(&parts))
    return *problem;
  const auto [host, port] = std::get<split>(parts);
  host_port out{std::string{host}, 0};
  auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (problem != std::errc{} || end != port.data() + port.size())
    return wrong(port, "invalid port");
  return out;
}

std::optional<family> address_family(std::string_view text) {
  in6_addr octets;
  if (text.find('\0') != text.npos) // inet_pton would stop there
    return std::nullopt;
  if (::inet_pton(AF_INET, std::string{text}.c_str(), &octets) == 1)
    return family::v4;
  const std::string_view bare = text.substr(0, text.find('%'));
  if (bare.size() + 1 != text.size() && ::inet_pton(AF_INET6, std::string{bare}.c_str(), &octets) == 1)
    return family::v6;
  return std::nullopt;
}

std::optional<std::string> normal_address(std::string_view text) {
  const auto kind = address_family(text);
  if (!kind)
    return std::nullopt;
  const int number = *kind == family::v4 ? AF_INET : AF_INET6;
  const size_t percent = text.find('%');
  in6_addr octets;
  char out[INET6_ADDRSTRLEN];
  ::inet_pton(number, std::string{text.substr(0, percent)}.c_str(), &octets);
  ::inet_ntop(number, &octets, out, sizeof out);
  return out + std::string{percent == text.npos ? std::string_view{} : text.substr(percent)};
}

} // namespace troupe::config
