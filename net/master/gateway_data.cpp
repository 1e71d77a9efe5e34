// SPDX-License-Identifier: Apache-2.0
#include "net/master/gateway_data.hpp"

#include "net/master/record_data.hpp"
#include "net/master/record_header.hpp"

#include <arpa/inet.h>
#include <ldns/ldns.h>

#include <charconv>

namespace troupe::master {

namespace {

using gateway_octets = std::vector<uint8_t>;

bool append_octet_word(gateway_octets& out, const token& word, unsigned most) noexcept {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(word.text.begin(), word.text.end(), number);
  if (error != std::errc{} || end != word.text.end() || number > most)
    return false;
  out.push_back(static_cast<uint8_t>(number));
  return true;
}

/// 0: nothing, written as a dot; 1 and 2: an address; 3: a name.
bool append_gateway(gateway_octets& out, unsigned kind, const token& word, const dns::name& origin) {
  if (kind == 0)
    return word.text == ".";
  if (kind == 3) {
    const auto name = name_from_text(word.text, origin);
    if (name)
      out.insert(out.end(), name->wire().begin(), name->wire().end());
    return name.has_value();
  }
  uint8_t address[16];
  if (kind > 3 || inet_pton(kind == 1 ? AF_INET : AF_INET6, std::string{word.text}.c_str(), address) != 1)
    return false;
  out.insert(out.end(), address, address + (kind == 1 ? 4 : 16));
  return true;
}

} // namespace

std::optional<std::vector<uint8_t>> read_ipseckey(std::span<const token> words, const dns::name& origin) {
  gateway_octets out;
  if (words.size() < 4)
    return std::nullopt;
  for (const token& word : words.first(3))
    if (!append_octet_word(out, word, 255))
      return std::nullopt;
  if (!append_gateway(out, out[1], words[3], origin))
    return std::nullopt;
  std::string text;
  for (const token& word : words.subspan(4))
    text += word.text;
  ldns_rdf* key = nullptr;
  if (text.size() > max_data_text || (!text.empty() && ldns_str2rdf_b64(&key, text.c_str()) != LDNS_STATUS_OK))
    return std::nullopt;
  if (key)
    out.insert(out.end(), ldns_rdf_data(key), ldns_rdf_data(key) + ldns_rdf_size(key));
  ldns_rdf_deep_free(key);
  return out;
}

std::optional<std::vector<uint8_t>> read_amtrelay(std::span<const token> words, const dns::name& origin) {
  gateway_octets out;
  if (words.size() != 4 || !append_octet_word(out, words[0], 255) || !append_octet_word(out, words[1], 1) ||
      !append_octet_word(out, words[2], 127))
    return std::nullopt;
  const unsigned kind = out[2];
  out[1] = static_cast<uint8_t>(out[1] << 7 | kind); // discovery is the first bit of the kind's octet
  out.pop_back();
  return append_gateway(out, kind, words[3], origin) ? std::optional{std::move(out)} : std::nullopt;
}

} // namespace troupe::master
