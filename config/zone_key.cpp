// SPDX-License-Identifier: Apache-2.0
#include "config/zone_key.hpp"

#include "config/dispenser.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace troupe::config {

namespace {

constexpr std::string_view schemes[] = {"tls", "dns", "quic", "grpc", "https3", "https", "unix"};

struct network {
  std::array<uint8_t, 16> octets{};
  bool v4 = false;
  unsigned mask = 0; // bits
};

std::optional<network> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos || text.find('\0') != text.npos) // inet_pton would stop at a zero
    return std::nullopt;
  network n;
  const std::string address{text.substr(0, slash)};
  n.v4 = ::inet_pton(AF_INET, address.c_str(), n.octets.data()) == 1;
  if (!n.v4 && ::inet_pton(AF_INET6, address.c_str(), n.octets.data()) != 1)
    return std::nullopt;
  const auto bits = text.substr(slash + 1);
  auto [end, problem] = std::from_chars(bits.data(), bits.data() + bits.size(), n.mask);
  if (problem != std::errc{} || end != bits.data() + bits.size() || n.mask > (n.v4 ? 32u : 128u))
    return std::nullopt;
  for (unsigned bit = n.mask; bit < 128; ++bit)
    n.octets[bit / 8] &= static_cast<uint8_t>(~(0x80u >> (bit % 8)));
  return n;
}

/// The reverse name of the first `digits` octets or nibbles.
dns::name reverse_name(const network& n, unsigned digits) {
  std::string text = n.v4 ? "in-addr.arpa" : "ip6.arpa";
  for (unsigned i = 0; i < digits; ++i) {
    const unsigned octet = n.octets[n.v4 ? i : i / 2];
    const unsigned nibble = i % 2 == 0 ? octet >> 4 : octet & 15;
    text = (n.v4 ? std::to_string(octet) : std::string(1, "0123456789abcdef"[nibble])) + "." + text;
  }
  return dns::name::from_text(text).value_or(dns::name{});
}

/// Adds one at the end of the first `digits` octets or nibbles.
void next(network& n, unsigned digits) {
  uint8_t& octet = n.octets[n.v4 ? digits - 1 : (digits - 1) / 2];
  octet = static_cast<uint8_t>(octet + (n.v4 || digits % 2 == 0 ? 1 : 16));
}

} // namespace

std::vector<dns::name> reverse_zones(std::string_view text) {
  std::vector<dns::name> zones;
  auto n = parse_network(text);
  if (!n)
    return zones;
  const unsigned width = n->v4 ? 8 : 4;
  const unsigned digits = (n->mask + width - 1) / width;
  const unsigned count = 1u << (digits * width - n->mask); // at most 128: one octet or nibble in which the mask ends
  for (unsigned i = 0; i < count; ++i) {
    zones.push_back(reverse_name(*n, digits));
    if (i + 1 < count)
      next(*n, digits);
  }
  return zones;
}

const char* default_port(std::string_view scheme) {
  if (scheme == "tls" || scheme == "quic")
    return "853";
  return scheme == "dns" ? "53" : "443";
}

std::string_view take_scheme(std::string_view& text) {
  const auto same = [](char written, char known) {
    return (written >= 'A' && written <= 'Z' ? static_cast<char>(written + 32) : written) == known;
  };
  const size_t end = text.find("://");
  const std::string_view written = text.substr(0, end == text.npos ? 0 : end);
  for (std::string_view scheme : schemes) {
    if (std::equal(written.begin(), written.end(), scheme.begin(), scheme.end(), same)) {
      text.remove_prefix(scheme.size() + 3);
      return scheme;
    }
  }
  return "dns";
}

std::variant<zone_key, std::string> parse_zone_key(std::string_view text) {
  zone_key key;
  key.scheme = take_scheme(text);
  // A colon with a number behind it is a port, also after a CIDR; any other colon belongs to the zone.
  if (const size_t colon = text.rfind(':'); colon != text.npos) {
    if (colon + 1 == text.size())
      return "expecting data after last colon: " + quote(text);
    const std::string port{text.substr(colon + 1)};
    auto number = parse_integer(port);
    if (auto* value = std::get_if<long long>(&number)) {
      if (*value < 0 || *value > 65535)
        return "address " + port + ": invalid port";
      key.port = std::to_string(*value);
      text = text.substr(0, colon);
    }
  }
  if (text.size() > dns::max_name_octets)
    return "specified zone is too long: " + std::to_string(text.size()) + " > 255";
  auto name = text.empty() ? std::nullopt : dns::name::from_text(text);
  if (!name)
    return "zone is not a valid domain name: " + std::string{text};
  key.zones = reverse_zones(text);
  if (key.zones.empty())
    key.zones.push_back(name->lowered());
  else if (text[0] == ':' || (text[0] == '0' && text.find(':') != text.npos))
    return "invalid CIDR " + std::string{text};
  return key;
}

std::vector<dns::name> named_zones(const std::vector<std::string>& words) {
  std::vector<dns::name> zones;
  for (const auto& word : words) {
    auto key = parse_zone_key(word);
    if (auto* good = std::get_if<zone_key>(&key))
      zones.insert(zones.end(), good->zones.begin(), good->zones.end());
  }
  return zones;
}

} // namespace troupe::config
