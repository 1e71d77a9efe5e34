// SPDX-License-Identifier: Apache-2.0
#include "net/master/data_fields.hpp"

#include "net/dns/text.hpp"
#include "net/dns/wire.hpp"
#include "net/master/record_header.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace troupe::master {

namespace {

/// What CoreDNS calls the fields of common types in its errors, one for each field of the layout.
struct field_names {
  uint16_t type;
  std::array<const char*, 6> names;
};

constexpr field_names names_of_fields[] = {
  {1, {"A"}},
  {2, {"Ns"}},
  {5, {"Target"}},
  {6, {"Ns", "Mbox", "zone parameter"}},
  {12, {"Ptr"}},
  {13, {"Fields", "Fields"}},
  {15, {"Pref", "Mx"}},
  {16, {"Txt"}},
  {17, {"Mbox", "Txt"}},
  {18, {"Subtype", "Hostname"}},
  {28, {"AAAA"}},
  {33, {"Priority", "Weight", "Port", "Target"}},
  {35, {"Order", "Preference", "Flags", "Service", "Regexp", "Replacement"}},
  {36, {"Pref", "Exchanger"}},
  {39, {"Target"}},
  {99, {"Txt"}},
  {257, {"Flag", "Tag", "Value"}},
};

std::string field_error_words(uint16_t type, size_t field) {
  const char* name = "Rdata";
  for (const auto& each : names_of_fields)
    if (each.type == type)
      for (size_t i = 0; i <= std::min(field, each.names.size() - 1) && each.names[i]; ++i)
        name = each.names[i];
  return "bad " + dns::type_text(type) + ' ' + name;
}

template <class Number>
std::optional<Number> decimal(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc{} && end == text.end() ? std::optional{number} : std::nullopt;
}

void append_number(std::vector<uint8_t>& out, uint32_t number, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<uint8_t>(number >> shift));
}

bool append_address(std::vector<uint8_t>& out, int family, std::string_view text) {
  std::array<uint8_t, 16> octets;
  if (text.size() >= INET6_ADDRSTRLEN || inet_pton(family, std::string{text}.c_str(), octets.data()) != 1)
    return false;
  out.insert(out.end(), octets.begin(), octets.begin() + (family == AF_INET ? 4 : 16));
  return true;
}

bool append_quad(std::vector<uint8_t>& out, uint16_t type, size_t field, std::string_view text) {
  if (type == static_cast<uint16_t>(dns::rrtype::a))
    return append_address(out, AF_INET, text);
  auto number = decimal<uint32_t>(text);
  if (!number && type == static_cast<uint16_t>(dns::rrtype::soa) && field > 2)
    number = ttl_from_text(text); // all but the serial are times
  if (number)
    append_number(out, *number, 4);
  return number.has_value();
}

/// One word that is a name or a number.
bool append_plain(std::vector<uint8_t>& out, dns::field what, uint16_t type, size_t field, const token& word,
                  const dns::name& origin) {
  if (word.quoted)
    return false;
  if (what == dns::field::name || what == dns::field::whole_name) {
    const auto name = name_from_text(word.text, origin);
    if (name)
      out.insert(out.end(), name->wire().begin(), name->wire().end());
    return name.has_value();
  }
  if (what == dns::field::address6)
    return append_address(out, AF_INET6, word.text);
  if (what == dns::field::quad)
    return append_quad(out, type, field, word.text);
  if (what == dns::field::word) {
    const auto number = decimal<uint16_t>(word.text);
    append_number(out, number.value_or(0), 2);
    return number.has_value();
  }
  const auto number = decimal<uint8_t>(word.text);
  append_number(out, number.value_or(0), 1);
  return number.has_value();
}

/// Takes an octet off the front of `text`, resolving `\DDD` and `\X`; nothing if an escape is broken.
std::optional<uint8_t> take_octet(std::string_view& text) noexcept {
  const char first = text[0];
  text.remove_prefix(1);
  if (first != '\\')
    return static_cast<uint8_t>(first);
  if (text.empty())
    return std::nullopt;
  const bool digits =
    text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
  const auto octet = digits ? decimal<uint8_t>(text.substr(0, 3)) : static_cast<uint8_t>(text[0]);
  text.remove_prefix(digits ? 3 : 1);
  return octet;
}

/// Appends `text` as a character-string; as several where it has more than 255 octets and `may_split`.
bool append_string(std::vector<uint8_t>& out, std::string_view text, bool may_split) {
  size_t length_at = out.size();
  out.push_back(0);
  while (!text.empty()) {
    const auto octet = take_octet(text);
    if (!octet || (out[length_at] == 255 && !may_split))
      return false;
    if (out[length_at] == 255) {
      length_at = out.size();
      out.push_back(0);
    }
    out.push_back(*octet);
    ++out[length_at];
  }
  return true;
}

/// Appends `text` without its length.
bool append_text(std::vector<uint8_t>& out, std::string_view text) {
  while (!text.empty()) {
    const auto octet = take_octet(text);
    if (!octet)
      return false;
    out.push_back(*octet);
  }
  return true;
}

/// CPU and OS, or what is in their place: one string is taken apart at its blanks, what is behind the first two goes
/// with the second.
std::vector<token> two_strings(std::span<const token> words, std::string& second) {
  std::vector<token> out{words[0], words[0]};
  std::string_view left = words[0].text;
  if (words.size() == 1) {
    const size_t end = left.find_first_of(" \t"), begin = left.find_first_not_of(" \t", end);
    out[0].text = left.substr(0, end);
    second = begin == std::string_view::npos ? std::string_view{} : left.substr(begin);
  } else {
    second = words[1].text;
    for (const token& word : words.subspan(2))
      (second += ' ') += word.text;
  }
  out[1].text = second;
  return out;
}

} // namespace

const char* text_layout(uint16_t type) noexcept {
  switch (type) {
  case 20: // ISDN
    return "ss";
  case 56:  // NINFO
  case 258: // AVC
  case 261: // RESINFO
    return "S";
  case 100: // UINFO
    return "s";
  case 101: // UID
  case 102: // GID
    return "4";
  case 257: // CAA
    return "1st";
  }
  const char* const layout = dns::data_layout(type, 1);
  return std::string_view{layout}.find(static_cast<char>(dns::field::rest)) == std::string_view::npos ? layout
                                                                                                      : nullptr;
}

std::variant<std::vector<uint8_t>, syntax_error> read_fields(const char* layout, uint16_t type,
                                                             std::span<const token> words, const token& end,
                                                             const dns::name& origin) {
  std::vector<uint8_t> out;
  size_t at = 0;
  std::string second;
  std::vector<token> two;
  if (std::string_view{layout} == "ss") {
    two = two_strings(words, second);
    words = two;
  }
  const auto bad = [&](size_t field, const token& word) { return error_about(word, field_error_words(type, field)); };
  for (size_t field = 0; layout[field] != '\0'; ++field) {
    const dns::field what{layout[field]};
    if (at == words.size())
      return bad(field, end);
    if (what == dns::field::strings) {
      for (; at < words.size(); ++at)
        if (!append_string(out, words[at].text, true))
          return bad(field, words[at]);
      break;
    }
    const bool good = layout[field] == 't'         ? append_text(out, words[at].text)
                      : what == dns::field::string ? append_string(out, words[at].text, false)
                                                   : append_plain(out, what, type, field, words[at], origin);
    if (!good)
      return bad(field, words[at]);
    ++at;
  }
  if (at != words.size())
    return error_about(words[at], "garbage after rdata");
  return out;
}

} // namespace troupe::master
