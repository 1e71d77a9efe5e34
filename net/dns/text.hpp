// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"

/// Protocol numbers and records as people write them: for logs, metrics and tests.
namespace troupe::dns {

/// Mnemonic of a type, "" if it has none here.
std::string_view type_mnemonic(uint16_t type) noexcept;

/// Mnemonic, or `TYPE666` (RFC 3597 section 5).
std::string type_text(uint16_t type);

/// From a mnemonic in any case or `TYPE666`.
std::optional<uint16_t> type_from_text(std::string_view text) noexcept;

/// `IN`, or `CLASS666`.
std::string class_text(uint16_t rrclass);

/// `NXDOMAIN`, or `RCODE666`.
std::string rcode_text(uint16_t code);

/// A record's data in presentation form; types without one here as `\# 4 c0000201` (RFC 3597 section 5), and so is data
/// that does not match its type.
std::string data_text(const record& r);

/// `owner TTL class type data`, single blanks between them.
std::string to_text(const record& r);

} // namespace troupe::dns
