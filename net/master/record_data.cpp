// SPDX-License-Identifier: Apache-2.0
#include "net/master/record_data.hpp"

#include "net/dns/text.hpp"
#include "net/master/data_fields.hpp"
#include "net/master/gateway_data.hpp"

#include <ldns/ldns.h>

#include <charconv>
#include <memory>

namespace troupe::master {

namespace {

constexpr uint16_t ipseckey = 45, amtrelay = 260;
constexpr const char* generic_error = "bad RFC3597 Rdata";

using data_or_error = std::variant<std::vector<uint8_t>, syntax_error>;

struct ldns_freer {
  void operator()(ldns_rr* r) const noexcept { ldns_rr_free(r); }
  void operator()(ldns_rdf* f) const noexcept { ldns_rdf_deep_free(f); }
  void operator()(ldns_buffer* b) const noexcept { ldns_buffer_free(b); }
};

template <class T>
using ldns_owned = std::unique_ptr<T, ldns_freer>;

syntax_error data_error(uint16_t type, const char* part, const token& where) {
  return error_about(where, "bad " + dns::type_text(type) + ' ' + part);
}

int hex_digit(char c) noexcept {
  return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/// True if `data` are what the type's layout says, to the last octet.
bool matches_layout(uint16_t type, std::span<const uint8_t> data) noexcept {
  for (const char* f = dns::data_layout(type, 1); *f != '\0'; ++f)
    if (!dns::take_field(data, dns::field{*f}))
      return false;
  return data.empty();
}

/// `\# 4 c000 0201`
data_or_error read_generic(uint16_t type, std::span<const token> words, const token& end) {
  uint16_t length = 0;
  if (words.size() < 2)
    return error_about(end, generic_error);
  const auto text = words[1].text;
  const auto [behind, failure] = std::from_chars(text.begin(), text.end(), length);
  if (failure != std::errc{} || behind != text.end())
    return error_about(words[1], generic_error);
  std::vector<uint8_t> out;
  bool half = false;
  for (const token& word : words.subspan(2))
    for (const char c : word.text) {
      const int digit = hex_digit(c);
      if (digit < 0 || out.size() > length)
        return error_about(word, generic_error);
      if (half)
        out.back() = static_cast<uint8_t>(out.back() | digit);
      else
        out.push_back(static_cast<uint8_t>(digit << 4));
      half = !half;
    }
  if (half || out.size() != length || !matches_layout(type, out))
    return error_about(words[1], generic_error);
  return out;
}

/// What ldns makes of a record with these data; the owner is left to others.
data_or_error read_with_ldns(uint16_t type, std::span<const token> words, const token& end, const dns::name& origin) {
  // Trust authorities look like DS, and ldns has no name for them.
  std::string line = ". 0 IN TYPE" + std::to_string(type == 32768 ? 43 : type);
  for (const token& word : words) {
    line += word.joined && &word != words.data() ? "" : " ";
    line += word.quoted ? "\"" : "";
    line += word.text;
    if (word.quoted)
      line += '"';
    if (line.size() > max_data_text)
      return data_error(type, "Rdata", word);
  }
  if (line.find('\0') != std::string::npos)
    return data_error(type, "Rdata", words.front());
  const auto origin_octets = origin.wire();
  const ldns_owned<ldns_rdf> behind{
    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, origin_octets.size(), origin_octets.data())};
  ldns_rr* read = nullptr;
  const ldns_status status = ldns_rr_new_frm_str(&read, line.c_str(), 1, behind.get(), nullptr);
  const ldns_owned<ldns_rr> made{status == LDNS_STATUS_OK ? read : nullptr};
  if (!made)
    return data_error(type, "Rdata", words.empty() ? end : words.front());
  const ldns_owned<ldns_buffer> wire{ldns_buffer_new(LDNS_MIN_BUFLEN)};
  if (!wire || ldns_rr_rdata2buffer_wire(wire.get(), made.get()) != LDNS_STATUS_OK ||
      ldns_buffer_position(wire.get()) > 65535)
    return data_error(type, "Rdata", words.empty() ? end : words.front());
  const uint8_t* const begin = ldns_buffer_begin(wire.get());
  return std::vector<uint8_t>(begin, begin + ldns_buffer_position(wire.get()));
}

} // namespace

data_or_error read_data_text(uint16_t type, std::span<const token> words, const token& end, const dns::name& origin) {
  if (words.empty())
    return error_about(end, "unexpected newline");
  if (!words.front().quoted && words.front().text == "\\#")
    return read_generic(type, words, end);
  if (type == ipseckey || type == amtrelay) {
    auto gateway = type == ipseckey ? read_ipseckey(words, origin) : read_amtrelay(words, origin);
    return gateway ? data_or_error{*std::move(gateway)} : data_error(type, "Rdata", words.front());
  }
  const char* const layout = text_layout(type);
  data_or_error read =
    layout ? read_fields(layout, type, words, end, origin) : read_with_ldns(type, words, end, origin);
  if (const auto* data = std::get_if<std::vector<uint8_t>>(&read); data && data->size() > 65535)
    return data_error(type, "Rdata", words.front());
  return read;
}

} // namespace troupe::master
