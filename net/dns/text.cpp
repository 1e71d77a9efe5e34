// SPDX-License-Identifier: Apache-2.0
#include "net/dns/text.hpp"

#include "net/dns/wire.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace troupe::dns {

namespace {

struct mnemonic {
  uint16_t number;
  std::string_view text;
};

// IANA's registry without what was never used; sorted by number.
constexpr mnemonic types[] = {
  {1, "A"},           {2, "NS"},     {3, "MD"},      {4, "MF"},      {5, "CNAME"},   {6, "SOA"},
  {7, "MB"},          {8, "MG"},     {9, "MR"},      {10, "NULL"},   {11, "WKS"},    {12, "PTR"},
  {13, "HINFO"},      {14, "MINFO"}, {15, "MX"},     {16, "TXT"},    {17, "RP"},     {18, "AFSDB"},
  {19, "X25"},        {20, "ISDN"},  {21, "RT"},     {24, "SIG"},    {25, "KEY"},    {26, "PX"},
  {28, "AAAA"},       {29, "LOC"},   {30, "NXT"},    {33, "SRV"},    {35, "NAPTR"},  {36, "KX"},
  {37, "CERT"},       {39, "DNAME"}, {41, "OPT"},    {42, "APL"},    {43, "DS"},     {44, "SSHFP"},
  {45, "IPSECKEY"},   {46, "RRSIG"}, {47, "NSEC"},   {48, "DNSKEY"}, {49, "DHCID"},  {50, "NSEC3"},
  {51, "NSEC3PARAM"}, {52, "TLSA"},  {53, "SMIMEA"}, {55, "HIP"},    {59, "CDS"},    {60, "CDNSKEY"},
  {61, "OPENPGPKEY"}, {62, "CSYNC"}, {63, "ZONEMD"}, {64, "SVCB"},   {65, "HTTPS"},  {99, "SPF"},
  {104, "NID"},       {105, "L32"},  {106, "L64"},   {107, "LP"},    {108, "EUI48"}, {109, "EUI64"},
  {249, "TKEY"},      {250, "TSIG"}, {251, "IXFR"},  {252, "AXFR"},  {253, "MAILB"}, {254, "MAILA"},
  {255, "ANY"},       {256, "URI"},  {257, "CAA"},   {258, "AVC"},   {32769, "DLV"},
};

static_assert(std::is_sorted(std::begin(types), std::end(types),
                             [](const mnemonic& a, const mnemonic& b) { return a.number < b.number; }));

constexpr mnemonic classes[] = {{1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"}};

constexpr mnemonic rcodes[] = {
  {0, "NOERROR"},  {1, "FORMERR"},  {2, "SERVFAIL"},  {3, "NXDOMAIN"},   {4, "NOTIMP"},
  {5, "REFUSED"},  {6, "YXDOMAIN"}, {7, "YXRRSET"},   {8, "NXRRSET"},    {9, "NOTAUTH"},
  {10, "NOTZONE"}, {16, "BADVERS"}, {17, "BADKEY"},   {18, "BADTIME"},   {19, "BADMODE"},
  {20, "BADNAME"}, {21, "BADALG"},  {22, "BADTRUNC"}, {23, "BADCOOKIE"},
};

template <size_t N>
std::string text_of(const mnemonic (&table)[N], uint16_t number, const char* prefix) {
  for (const auto& m : table)
    if (m.number == number)
      return std::string(m.text);
  return prefix + std::to_string(number);
}

bool same_letters(std::string_view a, std::string_view b) noexcept {
  return equal({reinterpret_cast<const uint8_t*>(a.data()), a.size()},
               {reinterpret_cast<const uint8_t*>(b.data()), b.size()});
}

/// A character-string between quotes (RFC 1035 section 5.1).
void append_string(std::string& text, std::span<const uint8_t> octets) {
  text += '"';
  for (uint8_t octet : octets) {
    if (octet < ' ' || octet > '~') {
      const char digits[] = {'\\', char('0' + octet / 100), char('0' + octet / 10 % 10), char('0' + octet % 10)};
      text.append(digits, sizeof digits);
      continue;
    }
    if (octet == '"' || octet == '\\')
      text += '\\';
    text += static_cast<char>(octet);
  }
  text += '"';
}

void append_strings(std::string& text, std::span<const uint8_t> octets) {
  for (bool first = true; !octets.empty(); first = false) {
    if (!first)
      text += ' ';
    append_string(text, octets.subspan(1, octets[0]));
    octets = octets.subspan(size_t{1} + octets[0]);
  }
}

void append_address(std::string& text, int family, std::span<const uint8_t> octets) {
  char buffer[INET6_ADDRSTRLEN];
  text += inet_ntop(family, octets.data(), buffer, sizeof buffer);
}

void append_field(std::string& text, uint16_t type, field what, std::span<const uint8_t> octets) {
  switch (what) {
  case field::octet:
    text += std::to_string(octets[0]);
    return;
  case field::word:
    text += std::to_string(get16(octets.data()));
    return;
  case field::quad:
    if (type == static_cast<uint16_t>(rrtype::a))
      append_address(text, AF_INET, octets);
    else
      text += std::to_string(get32(octets.data()));
    return;
  case field::address6:
    append_address(text, AF_INET6, octets);
    return;
  case field::name:
  case field::whole_name:
    text += to_text(octets);
    return;
  case field::string:
  case field::strings:
    append_strings(text, octets);
    return;
  case field::rest:
    return; // data_text writes such types as a whole
  }
}

std::string generic_data(std::span<const uint8_t> data) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "\\# " + std::to_string(data.size());
  if (!data.empty())
    text += ' ';
  for (uint8_t octet : data) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

} // namespace

std::string_view type_mnemonic(uint16_t type) noexcept {
  const auto found = std::lower_bound(std::begin(types), std::end(types), type,
                                      [](const mnemonic& m, uint16_t number) { return m.number < number; });
  return found != std::end(types) && found->number == type ? found->text : std::string_view{};
}

std::string type_text(uint16_t type) {
  const auto text = type_mnemonic(type);
  return text.empty() ? "TYPE" + std::to_string(type) : std::string(text);
}

std::optional<uint16_t> type_from_text(std::string_view text) noexcept {
  for (const auto& m : types)
    if (same_letters(m.text, text))
      return m.number;
  if (text.size() < 5 || !same_letters(text.substr(0, 4), "TYPE"))
    return std::nullopt;
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 4, text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string class_text(uint16_t rrclass) {
  return text_of(classes, rrclass, "CLASS");
}

std::string rcode_text(uint16_t code) {
  return text_of(rcodes, code, "RCODE");
}

std::string data_text(const record& r) {
  std::string text;
  std::span<const uint8_t> left = r.data;
  for (const char* f = data_layout(r.type, r.rrclass); *f != '\0'; ++f) {
    const auto taken = take_field(left, field{*f});
    if (!taken || field{*f} == field::rest)
      return generic_data(r.data);
    if (!text.empty())
      text += ' ';
    append_field(text, r.type, field{*f}, *taken);
  }
  return left.empty() ? text : generic_data(r.data);
}

std::string to_text(const record& r) {
  return r.owner.to_text() + ' ' + std::to_string(r.ttl) + ' ' + class_text(r.rrclass) + ' ' + type_text(r.type) + ' ' +
         data_text(r);
}

} // namespace troupe::dns
