// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"

#include <string>
#include <variant>

namespace troupe::master {

/// Octets of a line that record_from_text looks at: more than the data of any record take as text.
inline constexpr size_t max_record_text = 272 * 1024;

/// One record in presentation form (RFC 1035 section 5.1): owner, TTL and class in either order and both optional,
/// type, data. TTLs may have units (`1h`), names are relative to `origin` unless they end with a dot, `@` is `origin`,
/// types and data may be RFC 3597's, parentheses may hold several lines together. Directives are no records. The error
/// is in miekg/dns's words: `dns: bad A A: "1.2.3" at line: 1:17`. Thread: any. Time is linear in `line`.
std::variant<dns::record, std::string> record_from_text(std::string_view line, const dns::name& origin,
                                                        uint32_t default_ttl);

} // namespace troupe::master
