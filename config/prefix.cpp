// SPDX-License-Identifier: Apache-2.0
#include "config/prefix.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace troupe::config {

bool prefix::holds(const std::array<uint8_t, 16>& address, bool address_v6) const noexcept {
  if (v6 != address_v6)
    return false;
  const size_t whole = length / 8;
  if (!std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
    return false;
  const uint8_t mask = static_cast<uint8_t>(0xff00 >> length % 8);
  return length % 8 == 0 || ((octets[whole] ^ address[whole]) & mask) == 0;
}

std::string prefix::to_text() const {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, octets.data(), text, sizeof text);
  return text + ("/" + std::to_string(length));
}

std::optional<prefix> prefix::from_text(const std::string& text) {
  const size_t slash = text.find('/');
  const std::string host = text.substr(0, slash);
  prefix out;
  out.v6 = host.find(':') != host.npos;
  if (::inet_pton(out.v6 ? AF_INET6 : AF_INET, host.c_str(), out.octets.data()) != 1)
    return std::nullopt;
  const long long bits = out.v6 ? 128 : 32;
  out.length = static_cast<uint8_t>(bits);
  if (slash == text.npos)
    return out;
  const std::string digits = text.substr(slash + 1);
  const bool plain =
    !digits.empty() && digits.size() <= 3 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!plain || std::stoll(digits) > bits)
    return std::nullopt;
  out.length = static_cast<uint8_t>(std::stoll(digits));
  for (size_t bit = out.length; bit < 128; ++bit)
    out.octets[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  return out;
}

} // namespace troupe::config
