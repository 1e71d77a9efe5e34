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

constexpr const char* no_port = "invalid port, a number up to 65535 or the name of a service is expected";

/// As Go reads a port to listen on or to send to.
std::variant<uint16_t, std::string> port_number(std::string_view port, const port_names& names) {
  if (port.empty())
    return uint16_t{0};
  const std::string_view digits = port.substr(port[0] == '+' ? 1 : 0);
  if (digits.find_first_not_of("0123456789") != digits.npos) {
    const auto known = names ? names(std::string{port}) : std::nullopt;
    if (!known)
      return wrong(port, no_port);
    return *known;
  }
  uint16_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc{} || end != digits.data() + digits.size())
    return wrong(port, no_port);
  return number;
}

} // namespace

std::string host_port::text() const {
  const std::string number = std::to_string(port);
  return host.find(':') == host.npos ? host + ":" + number : "[" + host + "]:" + number;
}

std::variant<host_port, std::string> parse_host_port(std::string_view text, const port_names& names) {
  auto parts = split_host_port(text);
  if (auto* problem = std::get_if<std::string>(&parts))
    return *problem;
  const auto [host, port] = std::get<split>(parts);
  auto number = port_number(port, names);
  if (auto* problem = std::get_if<std::string>(&number))
    return *problem;
  return host_port{std::string{host}, std::get<uint16_t>(number)};
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
  if (*kind == family::v6 && IN6_IS_ADDR_V4MAPPED(&octets))
    return ::inet_ntop(AF_INET, &octets.s6_addr[12], out, sizeof out);
  ::inet_ntop(number, &octets, out, sizeof out);
  return out + std::string{percent == text.npos ? std::string_view{} : text.substr(percent)};
}

bool is_unspecified(std::string_view host) {
  const auto address = normal_address(host);
  return address && (*address == "0.0.0.0" || *address == "::");
}

} // namespace troupe::config
