// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"
#include "net/master/entry_lexer.hpp"

namespace troupe::master {

/// Data of a type whose fields dns::data_layout names, one word for each field.
std::variant<std::vector<uint8_t>, syntax_error>
read_fields(const char* layout, uint16_t type, std::span<const token> words, const token& end, const dns::name& origin);

/// Appends `text` as a character-string, its escapes resolved; as several where it has more than 255 octets and
/// `may_split`. False if an escape is broken or it is too long.
bool append_strings(std::vector<uint8_t>& out, std::string_view text, bool may_split);

} // namespace troupe::master
