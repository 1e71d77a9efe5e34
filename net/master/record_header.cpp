// SPDX-License-Identifier: Apache-2.0
#include "net/master/record_header.hpp"

#include "net/dns/text.hpp"

#include <ldns/ldns.h>

#include <charconv>
#include <utility>

namespace troupe::master {

namespace {

std::string in_capitals(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<uint16_t> numbered(std::string_view capitals, std::string_view prefix) noexcept {
  if (!capitals.starts_with(prefix))
    return std::nullopt;
  capitals.remove_prefix(prefix.size());
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(capitals.begin(), capitals.end(), number);
  return error == std::errc{} && end == capitals.end() ? std::optional{number} : std::nullopt;
}

std::optional<uint16_t> rrclass_from_text(std::string_view text) {
  const std::string capitals = in_capitals(text);
  static constexpr std::pair<std::string_view, uint16_t> known[] = {{"IN", 1}, {"CS", 2},     {"CH", 3},
                                                                    {"HS", 4}, {"NONE", 254}, {"ANY", 255}};
  for (const auto& [mnemonic, number] : known)
    if (mnemonic == capitals)
      return number;
  return numbered(capitals, "CLASS");
}

/// What CoreDNS says of `TYPE70000` and `CLASSX`.
const char* unknown_number(std::string_view text) {
  const std::string capitals = in_capitals(text.substr(0, 5));
  return capitals.starts_with("TYPE") ? "unknown RR type" : capitals == "CLASS" ? "unknown class" : nullptr;
}

/// True if a name's text ends with a dot that no backslash escapes.
bool is_whole(std::string_view text) noexcept {
  if (!text.ends_with('.'))
    return false;
  size_t backslashes = 0;
  for (size_t i = text.size() - 1; i > 0 && text[i - 1] == '\\'; --i)
    ++backslashes;
  return backslashes % 2 == 0;
}

} // namespace

std::optional<uint32_t> ttl_from_text(std::string_view text) noexcept {
  uint64_t sum = 0, number = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + static_cast<uint64_t>(c - '0');
      if (number > UINT32_MAX)
        return std::nullopt;
      continue;
    }
    switch (c | 0x20) {
    case 's':
      break;
    case 'm':
      number *= 60;
      break;
    case 'h':
      number *= 3600;
      break;
    case 'd':
      number *= 86'400;
      break;
    case 'w':
      number *= 604'800;
      break;
    default:
      return std::nullopt;
    }
    sum += std::exchange(number, 0);
    if (sum > UINT32_MAX)
      return std::nullopt;
  }
  sum += number;
  return sum <= UINT32_MAX ? std::optional{static_cast<uint32_t>(sum)} : std::nullopt;
}

std::optional<dns::name> name_from_text(std::string_view text, const dns::name& origin) {
  if (text == "@")
    return origin;
  const auto named = dns::name::from_text(text);
  if (!named || is_whole(text))
    return named;
  std::array<uint8_t, 2 * dns::max_name_octets> wire;
  const auto front = named->wire().first(named->size() - 1);
  const auto end = std::ranges::copy(origin.wire(), std::ranges::copy(front, wire.begin()).out).out;
  return dns::name::from_wire({wire.begin(), end});
}

std::optional<uint16_t> rrtype_from_text(std::string_view text) {
  if (const auto known = dns::type_from_text(text))
    return known;
  // Those that neither net/dns nor ldns knows by name.
  static constexpr std::pair<std::string_view, uint16_t> rare[] = {{"UINFO", 100},    {"UID", 101},     {"GID", 102},
                                                                   {"AMTRELAY", 260}, {"RESINFO", 261}, {"TA", 32768}};
  const std::string capitals = in_capitals(text);
  for (const auto& [mnemonic, number] : rare)
    if (mnemonic == capitals)
      return number;
  // A number beyond all types would be no value of ldns's enumeration, and a zero octet would end the name there.
  if (capitals.starts_with("TYPE") || capitals.find('\0') != capitals.npos)
    return std::nullopt;
  const ldns_rr_type type = ldns_get_rr_type_by_name(capitals.c_str());
  return type != 0 && type < 0x10000 ? std::optional{static_cast<uint16_t>(type)} : std::nullopt;
}

std::variant<size_t, syntax_error> read_header(const entry& from, entry_context& context, dns::record& out) {
  const auto& tokens = from.tokens;
  size_t at = 0;
  if (!from.starts_blank) {
    if (tokens[0].quoted)
      return error_about(tokens[0], "syntax error at beginning");
    if (tokens.size() == 1)
      return error_about(tokens[0], "not a TTL");
    const auto owner = name_from_text(tokens[0].text, context.origin);
    if (!owner)
      return error_about(tokens[0], "bad owner name");
    context.owner = owner;
    ++at;
  }
  if (context.owner)
    out.owner = *context.owner;
  out.rrclass = 1;
  out.ttl = context.ttl.value_or(context.last_ttl);
  for (bool ttl_said = false, class_said = false;; ++at) {
    const char* const expected = ttl_said && class_said ? "unknown RR type"
                                 : ttl_said             ? "expecting RR type or class, not this..."
                                 : class_said           ? "expecting RR type or TTL, not this..."
                                                        : "expecting RR type, TTL or class, not this...";
    if (at == tokens.size())
      return error_about(from.end, expected);
    const token& word = tokens[at];
    if (word.quoted)
      return error_about(word, expected);
    if (const auto rrclass = rrclass_from_text(word.text)) {
      if (class_said)
        return error_about(word, expected);
      out.rrclass = *rrclass;
      class_said = true;
    } else if (const auto type = rrtype_from_text(word.text)) {
      if (!from.starts_blank && !ttl_said && !class_said && !context.ttl)
        return error_about(word, "missing TTL with no previous value");
      if (!context.owner)
        return error_about(word, "bad owner name");
      out.type = *type;
      context.last_ttl = out.ttl;
      return at + 1;
    } else if (const char* const words = unknown_number(word.text)) {
      return syntax_error{words, words, word.line, word.column};
    } else if (ttl_said) {
      return error_about(word, expected);
    } else if (const auto ttl = ttl_from_text(word.text)) {
      out.ttl = *ttl;
      ttl_said = true;
      if (!context.ttl_by_directive)
        context.ttl = ttl;
    } else {
      return error_about(word, "not a TTL");
    }
  }
}

} // namespace troupe::master
