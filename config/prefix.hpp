// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace troupe::config {

/// Addresses whose first `length` bits are those of `octets`. IPv4 has its own prefixes: none of IPv6 holds one.
struct prefix {
  std::array<uint8_t, 16> octets{};
  uint8_t length = 0; ///< bits
  bool v6 = false;

  bool holds(const std::array<uint8_t, 16>& address, bool address_v6) const noexcept;
  std::string to_text() const; ///< `192.0.2.0/24`
  /// From `192.0.2.0/24`, or an address alone, which is a prefix of one; nothing for anything else. Bits behind the
  /// length are zero then.
  static std::optional<prefix> from_text(const std::string& text);
};

} // namespace troupe::config
