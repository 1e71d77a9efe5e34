// SPDX-License-Identifier: Apache-2.0
#include "net/template/literals.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::templates {

namespace {

char lowered(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// 16, 8 or 2 for what begins with `0x`, `0o`, `0b`; else 0.
unsigned prefix_base(std::string_view s) noexcept {
  if (s.size() < 2 || s[0] != '0')
    return 0;
  const char c = lowered(s[1]);
  return c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
}

/// Underscores stand between digits, or behind the prefix.
bool underscores_fit(std::string_view s) noexcept {
  const unsigned base = prefix_base(s);
  char before = base != 0 ? '0' : '^';
  for (size_t i = base != 0 ? 2 : 0; i < s.size(); ++i) {
    const char c = lowered(s[i]);
    const bool digit = (c >= '0' && c <= '9') || (base == 16 && c >= 'a' && c <= 'f');
    if (digit)
      before = '0';
    else if (c == '_' && before == '0')
      before = '_';
    else if (c == '_' || before == '_')
      return false;
    else
      before = '!';
  }
  return before != '_';
}

enum class natural_error { none, syntax, range };

natural_error read_digits(std::string_view s, unsigned base, bool underscores, uint64_t most, uint64_t& out) noexcept {
  out = 0;
  bool beyond = false;
  for (const char raw : s) {
    const char c = lowered(raw);
    if (c == '_' && underscores)
      continue;
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'z' ? static_cast<unsigned>(c - 'a') + 10
                                                  : 99;
    if (digit >= base)
      return natural_error::syntax;
    uint64_t times = 0;
    beyond =
      beyond || __builtin_mul_overflow(out, base, &times) || __builtin_add_overflow(times, digit, &out) || out > most;
    if (beyond)
      return natural_error::range; // what comes behind is not looked at, as in Go
  }
  return natural_error::none;
}

natural_error read_natural(std::string_view s, unsigned base, uint64_t most, uint64_t& out) noexcept {
  if (s.empty())
    return natural_error::syntax;
  std::string_view digits = s;
  const bool by_prefix = base == 0;
  if (by_prefix) {
    base = 10;
    if (s[0] == '0') {
      base = s.size() >= 3 ? prefix_base(s) : 0;
      digits.remove_prefix(base != 0 ? 2 : 1);
      base = base != 0 ? base : 8;
    }
  }
  const natural_error bad = read_digits(digits, base, by_prefix, most, out);
  if (bad == natural_error::none && by_prefix && s.find('_') != s.npos && !underscores_fit(s))
    return natural_error::syntax;
  return bad;
}

/// With an optional sign.
std::optional<int64_t> read_signed(std::string_view s) noexcept {
  const bool minus = s.starts_with('-');
  if (minus || s.starts_with('+'))
    s.remove_prefix(1);
  uint64_t size = 0;
  const uint64_t most = uint64_t{1} << 63;
  if (read_natural(s, 0, UINT64_MAX, size) != natural_error::none || size > most - (minus ? 0 : 1))
    return std::nullopt;
  return minus ? static_cast<int64_t>(0 - size) : static_cast<int64_t>(size);
}

std::optional<double> read_double(std::string_view s) noexcept {
  const bool minus = s.starts_with('-');
  if (minus || s.starts_with('+'))
    s.remove_prefix(1);
  const bool hex = prefix_base(s) == 16;
  if (hex) {
    s.remove_prefix(2);
    if (s.find_first_of("pP") == s.npos)
      return std::nullopt; // an exponent must be there
  }
  double out = 0;
  if (s.empty() || s[0] == '-' || s[0] == '+')
    return std::nullopt;
  const auto [end, bad] =
    std::from_chars(s.data(), s.data() + s.size(), out, hex ? std::chars_format::hex : std::chars_format::general);
  if (bad != std::errc{} || end != s.data() + s.size())
    return std::nullopt;
  return minus ? -out : out;
}

} // namespace

std::variant<number, std::string> read_number(std::string_view literal) {
  number out;
  if (literal.ends_with('i'))
    return "complex numbers are not built: " + quoted_text(literal);
  uint64_t size = 0;
  if (read_natural(literal, 0, UINT64_MAX, size) == natural_error::none)
    out.natural = size;
  out.integer = read_signed(literal);
  if (out.integer == 0)
    out.natural = 0;
  if (out.integer) {
    out.floating = static_cast<double>(*out.integer);
  } else if (out.natural) {
    out.floating = static_cast<double>(*out.natural);
  } else if ((out.floating = read_double(literal))) {
    if (literal.find_first_of(".eEpP") == literal.npos)
      return "integer overflow: " + quoted_text(literal);
    const double d = *out.floating;
    if (d >= -0x1p63 && d < 0x1p63 && static_cast<double>(static_cast<int64_t>(d)) == d)
      out.integer = static_cast<int64_t>(d);
    if (d >= 0 && d < 0x1p64 && static_cast<double>(static_cast<uint64_t>(d)) == d)
      out.natural = static_cast<uint64_t>(d);
  } else {
    return "illegal number syntax: " + quoted_text(literal);
  }
  return out;
}

std::variant<uint64_t, std::string> parse_natural(std::string_view s, int64_t base, int64_t bits) {
  const std::string about = "strconv.ParseUint: parsing " + quoted_text(s) + ": ";
  if (s.empty())
    return about + "invalid syntax";
  if (base != 0 && (base < 2 || base > 36))
    return about + "invalid base " + std::to_string(base);
  if (bits < 0 || bits > 64)
    return about + "invalid bit size " + std::to_string(bits);
  const uint64_t most = bits == 0 || bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  uint64_t out = 0;
  switch (read_natural(s, static_cast<unsigned>(base), most, out)) {
  case natural_error::none:
    return out;
  case natural_error::syntax:
    return about + "invalid syntax";
  case natural_error::range:
    break;
  }
  return about + "value out of range";
}

} // namespace troupe::templates
