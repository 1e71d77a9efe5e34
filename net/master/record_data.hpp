// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/master/entry_lexer.hpp"

#include <span>

namespace troupe::master {

/// Octets that the data of one record take, as text. ldns reads no longer ones, and no record's data need them.
inline constexpr size_t max_data_text = 256 * 1024;

/// Reads the data of a record of class IN: `words` of an entry that ends at `end`. Types whose layout net/dns knows are
/// read here, the others by ldns; all as `\# 4 c0000201`, too (RFC 3597 section 5). Names are whole afterwards, with
/// `origin` behind those that are relative. Thread: any.
std::variant<std::vector<uint8_t>, syntax_error> read_data_text(uint16_t type, std::span<const token> words,
                                                                const token& end, const dns::name& origin);

} // namespace troupe::master
