// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/format.hpp"

namespace troupe::templates {

/// What stands between `%` and the verb.
struct verb_flags {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  bool sharp_value = false, plus_value = false; ///< `%#v`, `%+v`
  std::optional<size_t> width, precision;
};

/// Writes one value by one verb.
class verb_writer {
public:
  verb_writer(text_sink& out, const verb_flags& flags, char32_t verb) : out_(out), flags_(flags), verb_(verb) {}

  void write(const value& v);
  void bad(const value& v); ///< `%!d(string=hi)`

private:
  void integer(uint64_t size, bool negative, const value& v);
  void digits(uint64_t size, bool negative, unsigned base, const char* letters);
  void unicode(uint64_t code);
  void floating(double d, const value& v);
  void text(std::string_view s, const value& v);
  void hex_text(std::string_view s, const char* letters);
  void list(const value_list& items, const value& v);
  void map(const value_map& entries, const value& v);
  void padded(std::string_view s);

  text_sink& out_;
  verb_flags flags_;
  char32_t verb_;
};

/// Characters in `s` as Go counts them.
size_t rune_count(std::string_view s) noexcept;

/// Go's FormatFloat, `format` one of `efgEG`. Without precision: as few digits as tell the number from all others.
std::string float_text(double d, char format, std::optional<size_t> precision);

} // namespace troupe::templates
