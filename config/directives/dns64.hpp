// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/prefix.hpp"

namespace troupe::config {

/// `dns64 [PREFIX] { prefix; translate_all; allow_ipv4 }` (RFC 6147)
struct dns64_options {
  /// IPv6, of 32 to 96 bits in whole octets (RFC 6052 section 2.2).
  config::prefix prefix{{0, 0x64, 0xff, 0x9b}, 96, true};
  bool translate_all = false; ///< also names that have AAAA records
  bool allow_v4 = false;      ///< also for clients that ask by IPv4

  /// `v4` as an IPv6 address of the prefix (RFC 6052 section 2.2).
  std::array<uint8_t, 16> embed(const uint8_t* v4) const noexcept;
};

} // namespace troupe::config
