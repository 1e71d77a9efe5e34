// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

namespace troupe::dns {

/// Codes of the EDNS options that we look into or send (IANA registry; RFC 5001, 7871, 7873, 7828, 8914).
enum class edns_option : uint16_t { nsid = 3, client_subnet = 8, cookie = 10, tcp_keepalive = 11, extended_error = 15 };

inline constexpr size_t option_fixed_octets = 4; ///< of an option without its data: code and length

/// Writes an option to the front of `out`, which has room for it. `data`: at most 65535 octets.
void put_option(std::span<uint8_t> out, uint16_t code, std::span<const uint8_t> data) noexcept;

inline constexpr size_t client_cookie_octets = 8;     ///< RFC 7873 section 4
inline constexpr size_t min_whole_cookie_octets = 16; ///< client and server part
inline constexpr size_t max_whole_cookie_octets = 40;

/// Reads an OPT record, from its type to the end of its data, into `of.edns`, and a client subnet beside it. False if
/// an option does not fit, or one of those we know is malformed: the message is FORMERR then. `edns.present` says
/// whether the answer should carry an OPT: not where the options' lengths lie. Options of other EDNS versions are not
/// looked into, their format may differ.
bool read_opt(std::span<const uint8_t> record, query& of) noexcept;

} // namespace troupe::dns
