// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"
#include "net/master/entry_lexer.hpp"

namespace troupe::master {

/// The fields of a type as text: dns::data_layout's, and `t` for text to the end without its length. Null: ldns reads
/// it.
const char* text_layout(uint16_t type) noexcept;

/// Data of a type that has such a layout, one word for each field, of which there is at least one.
std::variant<std::vector<uint8_t>, syntax_error>
read_fields(const char* layout, uint16_t type, std::span<const token> words, const token& end, const dns::name& origin);

} // namespace troupe::master
