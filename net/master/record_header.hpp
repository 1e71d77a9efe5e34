// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"
#include "net/master/entry_lexer.hpp"

namespace troupe::master {

/// What an entry takes from those before it.
struct entry_context {
  dns::name origin;
  std::optional<dns::name> owner; ///< of the last record
  std::optional<uint32_t> ttl;    ///< seconds, for records that say none: of $TTL, else the one said last
  bool ttl_by_directive = false;  ///< `ttl` is $TTL's
  uint32_t last_ttl = 0;          ///< of the last record
};

/// Seconds: digits, or digits and units as in `1h30m` (s, m, h, d, w, in any case; RFC 2308 knows them from BIND).
/// Nothing if it is anything else or more than 32 bits hold. As CoreDNS's, it takes units without digits for 0.
std::optional<uint32_t> ttl_from_text(std::string_view text) noexcept;

/// `@`, a whole name, or one relative to `origin`; nothing if it is no name or too long.
std::optional<dns::name> name_from_text(std::string_view text, const dns::name& origin);

/// A type's mnemonic in any case, or `TYPE666`; knows those that ldns knows, too.
std::optional<uint16_t> rrtype_from_text(std::string_view text);

/// Reads owner, TTL, class and type of `from` into `out`, TTL and class in either order and both optional, and brings
/// `context` up to date. Returns how many tokens that took; the data follow.
std::variant<size_t, syntax_error> read_header(const entry& from, entry_context& context, dns::record& out);

} // namespace troupe::master
