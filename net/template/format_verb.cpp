// SPDX-License-Identifier: Apache-2.0
#include "net/template/format_verb.hpp"

#include "net/template/literals.hpp"

namespace troupe::templates {

namespace {

constexpr const char *lower_digits = "0123456789abcdefx", *upper_digits = "0123456789ABCDEFX";

std::string_view first_runes(std::string_view s, size_t count) noexcept {
  size_t at = 0;
  for (; count > 0 && at < s.size(); --count)
    at += first_rune(s.substr(at)).octets;
  return s.substr(0, at);
}

/// Go's strconv.CanBackquote.
bool can_backquote(std::string_view s) noexcept {
  while (!s.empty()) {
    const rune r = first_rune(s);
    if (!r.valid || r.code == '`' || r.code == 0x7f || r.code == 0xfeff || (r.code < ' ' && r.code != '\t'))
      return false;
    s.remove_prefix(r.octets);
  }
  return true;
}

} // namespace

size_t rune_count(std::string_view s) noexcept {
  size_t count = 0;
  for (; !s.empty(); ++count)
    s.remove_prefix(first_rune(s).octets);
  return count;
}

void verb_writer::padded(std::string_view s) {
  const size_t width = flags_.width.value_or(0);
  const size_t own = width == 0 ? 0 : rune_count(s);
  const size_t padding = width > own ? width - own : 0;
  if (!flags_.minus)
    out_.fill(padding, flags_.zero ? '0' : ' ');
  out_.add(s);
  if (flags_.minus)
    out_.fill(padding, ' ');
}

void verb_writer::bad(const value& v) {
  std::string verb;
  append_rune(verb, verb_);
  out_.add("%!");
  out_.add(verb);
  out_.add("(");
  if (v.is_none()) {
    out_.add("<nil>");
  } else {
    out_.add(v.type);
    out_.add("=");
    verb_writer{out_, flags_, 'v'}.write(v);
  }
  out_.add(")");
}

void verb_writer::write(const value& v) {
  if (verb_ == 'T')
    return v.is_none() ? padded("<nil>") : verb_writer{out_, flags_, 's'}.text(v.type, v);
  if (v.is_none())
    return verb_ == 'v' ? padded("<nil>") : bad(v);
  if (const auto* b = v.get<bool>())
    return verb_ == 't' || verb_ == 'v' ? padded(*b ? "true" : "false") : bad(v);
  if (const auto* n = v.get<int64_t>())
    return integer(*n < 0 ? 0 - static_cast<uint64_t>(*n) : static_cast<uint64_t>(*n), *n < 0, v);
  if (const auto* n = v.get<uint64_t>())
    return integer(*n, false, v);
  if (const auto* d = v.get<double>())
    return floating(*d, v);
  if (const auto* s = v.get<std::string_view>())
    return text(*s, v);
  if (const auto* items = v.get<value_list>())
    return list(*items, v);
  if (const auto* entries = v.get<value_map>())
    return map(*entries, v);
  text((*v.get<const object*>())->text(), v);
}

void verb_writer::integer(uint64_t size, bool negative, const value& v) {
  const uint64_t code = negative ? 0 - size : size; // as Go converts it
  const uint32_t as_rune = code > 0x10ffff ? 0xfffd : static_cast<uint32_t>(code);
  std::string character;
  switch (verb_) {
  case 'v':
    if (flags_.sharp_value && v.get<uint64_t>()) {
      flags_.sharp = true;
      return digits(size, false, 16, lower_digits);
    }
    [[fallthrough]];
  case 'd':
    return digits(size, negative, 10, lower_digits);
  case 'b':
    return digits(size, negative, 2, lower_digits);
  case 'o':
  case 'O':
    return digits(size, negative, 8, lower_digits);
  case 'x':
    return digits(size, negative, 16, lower_digits);
  case 'X':
    return digits(size, negative, 16, upper_digits);
  case 'c':
    append_rune(character, as_rune);
    return padded(character);
  case 'q':
    return padded(quoted_rune(as_rune, flags_.plus));
  case 'U':
    return unicode(code);
  default:
    return bad(v);
  }
}

void verb_writer::digits(uint64_t size, bool negative, unsigned base, const char* letters) {
  size_t least = flags_.precision.value_or(0);
  const bool sign = negative || flags_.plus || flags_.space;
  const size_t width = flags_.width.value_or(0);
  if (flags_.precision == size_t{0} && size == 0)
    return out_.fill(width, ' ');
  if (!flags_.precision && flags_.zero && !flags_.minus && width > 0)
    least = width - (sign ? 1 : 0);
  if (least > max_made_octets)
    return out_.fill(least, '0'); // more than there may be
  std::string back;
  for (uint64_t left = size; left != 0 || back.empty(); left /= base)
    back += letters[left % base];
  back.resize(std::max(back.size(), least), '0');
  if (flags_.sharp) {
    if (base == 16)
      (back += letters[16]) += '0';
    else if (base == 2)
      back += "b0";
    else if (base == 8 && back.back() != '0')
      back += '0';
  }
  if (verb_ == 'O')
    back += "o0";
  if (sign)
    back += negative ? '-' : flags_.plus ? '+' : ' ';
  flags_.zero = false;
  padded(std::string{back.rbegin(), back.rend()});
}

void verb_writer::unicode(uint64_t code) {
  std::string back;
  for (uint64_t left = code; left != 0 || back.empty(); left /= 16)
    back += upper_digits[left % 16];
  const size_t least = std::max<size_t>(4, std::min(flags_.precision.value_or(0), max_made_octets));
  back.resize(std::max(back.size(), least), '0');
  std::string out = "U+" + std::string{back.rbegin(), back.rend()};
  if (flags_.sharp && code <= 0x10ffff && printable(static_cast<uint32_t>(code))) {
    out += " '";
    append_rune(out, static_cast<uint32_t>(code));
    out += '\'';
  }
  flags_.zero = false;
  padded(out);
}

void verb_writer::text(std::string_view s, const value& v) {
  const auto cut = [&] { return flags_.precision ? first_runes(s, *flags_.precision) : s; };
  switch (verb_) {
  case 'v':
    if (!flags_.sharp_value)
      return padded(cut());
    return padded(quoted_text(cut(), flags_.plus));
  case 's':
    return padded(cut());
  case 'q':
    if (flags_.sharp && can_backquote(cut()))
      return padded("`" + std::string{cut()} + "`");
    return padded(quoted_text(cut(), flags_.plus));
  case 'x':
    return hex_text(s, lower_digits);
  case 'X':
    return hex_text(s, upper_digits);
  default:
    return bad(v);
  }
}

void verb_writer::hex_text(std::string_view s, const char* letters) {
  s = s.substr(0, flags_.precision.value_or(s.size()));
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (i > 0 && flags_.space)
      out += ' ';
    if (flags_.sharp && (i == 0 || flags_.space))
      (out += '0') += letters[16];
    const auto octet = static_cast<uint8_t>(s[i]);
    (out += letters[octet >> 4]) += letters[octet & 15];
  }
  padded(out);
}

void verb_writer::list(const value_list& items, const value& v) {
  const bool typed = verb_ == 'v' && flags_.sharp_value;
  out_.add(typed ? v.type : "");
  out_.add(typed ? "{" : "[");
  for (size_t i = 0; i < items.size && !out_.full(); ++i) {
    out_.add(i == 0 ? "" : typed ? ", " : " ");
    write(items.items[i]);
  }
  out_.add(typed ? "}" : "]");
}

void verb_writer::map(const value_map& entries, const value& v) {
  const bool typed = verb_ == 'v' && flags_.sharp_value;
  out_.add(typed ? v.type : "map");
  out_.add(typed ? "{" : "[");
  for (size_t i = 0; i < entries.size && !out_.full(); ++i) {
    out_.add(i == 0 ? "" : typed ? ", " : " ");
    write(templates::text(entries.entries[i].key));
    out_.add(":");
    write(entries.entries[i].item);
  }
  out_.add(typed ? "}" : "]");
}

} // namespace troupe::templates
