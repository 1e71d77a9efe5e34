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
  {16, {"TXT"}},
  {17, {"Mbox", "Txt"}},
  {18, {"Subtype", "Hostname"}},
  {28, {"AAAA"}},
  {33, {"Priority", "Weight", "Port", "Target"}},
  {35, {"Order", "Preference", "Flags", "Service", "Regexp", "Replacement"}},
  {36, {"Pref", "Exchanger"}},
  {39, {"Target"}},
  {99, {"Txt"}},
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

} // namespace

bool append_strings(std::vector<uint8_t>& out, std::string_view text, bool may_split) {
  size_t length_at = out.size();
  out.push_back(0);
  while (!text.empty()) {
    uint8_t octet = static_cast<uint8_t>(text[0]);
    text.remove_prefix(1);
    if (octet == '\\') {
      if (text.empty())
        return false;
      uint8_t number = 0;
      const bool digits =
        text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
      if (digits && !(std::from_chars(text.begin(), text.begin() + 3, number).ec == std::errc{}))
        return false;
      octet = digits ? number : static_cast<uint8_t>(text[0]);
      text.remove_prefix(digits ? 3 : 1);
    }
    if (out[length_at] == 255) {
      if (!may_split)
        return false;
      length_at = out.size();
      out.push_back(0);
    }
    out.push_back(octet);
    ++out[length_at];
  }
  return true;
}

std::variant<std::vector<uint8_t>, syntax_error> read_fields(const char* layout, uint16_t type,
                                                             std::span<const token> words, const token& end,
                                                             const dns::name& origin) {
  std::vector<uint8_t> out;
  size_t at = 0;
  const auto bad = [&](size_t field, const token& word) {
    return syntax_error{field_error_words(type, field), std::string{word.text}, word.line, word.column};
  };
  for (size_t field = 0; layout[field] != '\0'; ++field) {
    const dns::field what{layout[field]};
    if (at == words.size())
      return bad(field, end);
    if (what == dns::field::strings) {
      for (; at < words.size(); ++at)
        if (!append_strings(out, words[at].text, true))
          return bad(field, words[at]);
      break;
    }
    const bool good = what == dns::field::string ? append_strings(out, words[at].text, false)
                                                 : append_plain(out, what, type, field, words[at], origin);
    if (!good)
      return bad(field, words[at]);
    ++at;
  }
  if (at != words.size())
    return syntax_error{"garbage after rdata", std::string{words[at].text}, words[at].line, words[at].column};
  return out;
}

} // namespace troupe::master
