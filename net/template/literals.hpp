// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Go's literals: what they say, and texts as Go quotes them.
namespace troupe::templates {

/// A character and how many octets it takes; what is no UTF-8 is U+FFFD of one octet.
struct rune {
  uint32_t code = 0;
  size_t octets = 1;
  bool valid = true;
};
rune first_rune(std::string_view s) noexcept; ///< of a text that is not empty
void append_rune(std::string& out, uint32_t code);

/// Near to Go's unicode.IsPrint: of what is not ASCII, all but controls, blanks of odd widths and surrogates.
bool printable(uint32_t code) noexcept;

/// `U+00E9 'é'` of the first character; of none, `U+FFFFFFFFFFFFFFFF`, Go's end of file.
std::string rune_name(std::string_view s);

/// In Go's double quotes; `ascii`: all else escaped.
std::string quoted_text(std::string_view s, bool ascii = false);
std::string quoted_rune(uint32_t code, bool ascii = false);

/// What a literal in quotes or backquotes says, or nothing if it is none.
std::optional<std::string> unquoted(std::string_view literal);

/// A number literal is what it can be: Go's constants have no type.
struct number {
  std::optional<int64_t> integer;
  std::optional<uint64_t> natural;
  std::optional<double> floating;
};

/// Or Go's words of why it is none.
std::variant<number, std::string> read_number(std::string_view literal);
std::variant<number, std::string> read_character(std::string_view literal); ///< with its quotes

/// As Go's strconv.ParseUint, with its words: base 0 goes by the prefix.
std::variant<uint64_t, std::string> parse_natural(std::string_view s, int64_t base, int64_t bits);

} // namespace troupe::templates
