// SPDX-License-Identifier: Apache-2.0
#include "net/template/literals.hpp"

#include <cstdio>

namespace troupe::templates {

namespace {

constexpr uint32_t replacement = 0xfffd;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_hex(std::string& out, const char* format, uint32_t code) {
  char text[16];
  std::snprintf(text, sizeof text, format, code);
  out += text;
}

bool append_escape_letter(std::string& out, uint32_t code) {
  constexpr std::string_view letters = "abtnvfr";
  if (code < 7 || code > 13)
    return false;
  out += '\\';
  out += letters[code - 7];
  return true;
}

void append_quoted(std::string& out, const rune& r, char octet, char quote, bool ascii) {
  if (!r.valid)
    return append_hex(out, "\\x%02x", static_cast<uint8_t>(octet));
  if (r.code == static_cast<uint32_t>(quote) || r.code == '\\') {
    out += '\\';
    out += static_cast<char>(r.code);
  } else if (r.code >= ' ' && r.code != 0x7f && (r.code < 0x80 || (!ascii && printable(r.code)))) {
    append_rune(out, r.code);
  } else if (!append_escape_letter(out, r.code)) {
    append_hex(out, r.code < ' ' || r.code == 0x7f ? "\\x%02x" : r.code < 0x10000 ? "\\u%04x" : "\\U%08x", r.code);
  }
}

/// Digits of an escape: `count` of `base`, off the front of `s`.
std::optional<uint32_t> escape_number(std::string_view& s, size_t count, uint32_t base) noexcept {
  uint32_t code = 0;
  if (s.size() < count)
    return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(s[i]);
    if (digit < 0 || digit >= static_cast<int>(base))
      return std::nullopt;
    code = code * base + static_cast<uint32_t>(digit);
  }
  s.remove_prefix(count);
  return code;
}

struct unquoted_char {
  uint32_t code;
  bool octet; ///< one octet, not a character
};

/// One character or escape off the front of `s`, which is not empty.
std::optional<unquoted_char> take_char(std::string_view& s, char quote) noexcept {
  const rune r = first_rune(s);
  if (r.code == static_cast<uint32_t>(quote) || r.code == '\n')
    return std::nullopt;
  s.remove_prefix(r.octets);
  if (r.code != '\\')
    return unquoted_char{r.code, false};
  if (s.empty())
    return std::nullopt;
  const char c = s.front();
  if (c >= '0' && c <= '7') {
    const auto code = escape_number(s, 3, 8);
    return code && *code <= 255 ? std::optional{unquoted_char{*code, true}} : std::nullopt;
  }
  s.remove_prefix(1);
  if (const size_t found = std::string_view{"abtnvfr"}.find(c); found != std::string_view::npos)
    return unquoted_char{static_cast<uint32_t>(found + 7), false};
  if (c == '\\' || c == quote)
    return unquoted_char{static_cast<uint32_t>(c), false};
  const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  const auto code = digits == 0 ? std::nullopt : escape_number(s, digits, 16);
  if (!code || (c != 'x' && (*code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))))
    return std::nullopt;
  return unquoted_char{*code, c == 'x'};
}

} // namespace

rune first_rune(std::string_view s) noexcept {
  const auto octet = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t lead = octet(0);
  if (lead < 0x80)
    return {lead, 1, true};
  const size_t octets = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || s.size() < octets)
    return {replacement, 1, false};
  uint32_t code = lead & (0xff >> (octets + 1));
  for (size_t i = 1; i < octets; ++i) {
    if ((octet(i) & 0xc0) != 0x80)
      return {replacement, 1, false};
    code = code << 6 | (octet(i) & 0x3f);
  }
  constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[octets] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    return {replacement, 1, false};
  return {code, octets, true};
}

void append_rune(std::string& out, uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    code = replacement;
  const auto put = [&](uint32_t octet) { out += static_cast<char>(octet); };
  if (code < 0x80)
    return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

bool printable(uint32_t code) noexcept {
  if (code < 0x7f)
    return code >= ' ';
  return code > 0xa0 && code != 0xad && !(code >= 0x2000 && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202f) &&
         code != 0x3000 && code != 0xfeff && !(code >= 0xd800 && code < 0xf900) && code < 0xe0000;
}

std::string rune_name(std::string_view s) {
  if (s.empty())
    return "U+FFFFFFFFFFFFFFFF";
  const rune r = first_rune(s);
  std::string out;
  append_hex(out, "U+%04X", r.code);
  if (printable(r.code)) {
    out += " '";
    append_rune(out, r.code);
    out += '\'';
  }
  return out;
}

std::string quoted_text(std::string_view s, bool ascii) {
  std::string out = "\"";
  while (!s.empty()) {
    const rune r = first_rune(s);
    append_quoted(out, r, s.front(), '"', ascii);
    s.remove_prefix(r.octets);
  }
  return out + '"';
}

std::string quoted_rune(uint32_t code, bool ascii) {
  std::string out = "'";
  const bool none = code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
  append_quoted(out, {none ? replacement : code, 1, true}, '\0', '\'', ascii);
  return out + '\'';
}

std::optional<std::string> unquoted(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back())
    return std::nullopt;
  const char quote = literal.front();
  std::string_view inside = literal.substr(1, literal.size() - 2);
  std::string out;
  if (quote == '`') {
    for (const char c : inside)
      if (c != '\r')
        out += c;
    return out;
  }
  while (!inside.empty()) {
    const auto c = take_char(inside, quote);
    if (!c)
      return std::nullopt;
    if (c->octet)
      out += static_cast<char>(c->code);
    else
      append_rune(out, c->code);
  }
  return out;
}

std::variant<number, std::string> read_character(std::string_view literal) {
  std::string_view inside = literal.substr(1);
  const auto c = inside.empty() ? std::nullopt : take_char(inside, '\'');
  if (!c)
    return "invalid syntax";
  if (inside != "'")
    return "malformed character constant: " + std::string{literal};
  return number{c->code, c->code, c->code};
}

} // namespace troupe::templates
