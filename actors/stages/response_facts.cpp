// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/log_format.hpp"
#include "config/directives/log.hpp"
#include "net/dns/wire.hpp"

#include <array>
#include <utility>

namespace troupe {

namespace {

struct named_number {
  uint16_t number;
  std::string_view name;
};

constexpr named_number types[] = {
  {1, "A"},           {2, "NS"},      {5, "CNAME"},   {6, "SOA"},     {10, "NULL"},  {12, "PTR"},
  {13, "HINFO"},      {15, "MX"},     {16, "TXT"},    {17, "RP"},     {18, "AFSDB"}, {24, "SIG"},
  {25, "KEY"},        {28, "AAAA"},   {29, "LOC"},    {33, "SRV"},    {35, "NAPTR"}, {36, "KX"},
  {37, "CERT"},       {39, "DNAME"},  {41, "OPT"},    {42, "APL"},    {43, "DS"},    {44, "SSHFP"},
  {45, "IPSECKEY"},   {46, "RRSIG"},  {47, "NSEC"},   {48, "DNSKEY"}, {49, "DHCID"}, {50, "NSEC3"},
  {51, "NSEC3PARAM"}, {52, "TLSA"},   {53, "SMIMEA"}, {55, "HIP"},    {59, "CDS"},   {60, "CDNSKEY"},
  {61, "OPENPGPKEY"}, {62, "CSYNC"},  {63, "ZONEMD"}, {64, "SVCB"},   {65, "HTTPS"}, {99, "SPF"},
  {108, "EUI48"},     {109, "EUI64"}, {249, "TKEY"},  {250, "TSIG"},  {251, "IXFR"}, {252, "AXFR"},
  {253, "MAILB"},     {254, "MAILA"}, {255, "ANY"},   {256, "URI"},   {257, "CAA"},  {258, "AVC"},
  {260, "AMTRELAY"}};

constexpr named_number classes[] = {{1, "IN"}, {2, "CS"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"}};

// CoreDNS's words for types of answers.
constexpr std::string_view response_noerror = "NOERROR", response_nxdomain = "NXDOMAIN", response_nodata = "NODATA",
                           response_delegation = "DELEGATION", response_meta = "META",
                           response_server_error = "SERVERERROR", response_other_error = "OTHERERROR";

constexpr std::array<std::string_view, 12> rcodes = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                     "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                     "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI"};

template <size_t N>
std::string name_in(const named_number (&table)[N], uint16_t number, const char* otherwise) {
  for (const auto& entry : table) {
    if (entry.number == number)
      return std::string{entry.name};
  }
  return otherwise + std::to_string(number);
}

} // namespace

std::string type_text(uint16_t type) {
  return name_in(types, type, "TYPE");
}
std::string class_text(uint16_t qclass) {
  return name_in(classes, qclass, "CLASS");
}

std::string rcode_text(dns::rcode code) {
  const auto number = static_cast<size_t>(code);
  if (number < rcodes.size())
    return std::string{rcodes[number]};
  return code == dns::rcode::badvers ? "BADVERS" : std::to_string(number);
}

namespace {

/// Of an answer without records in its answer section, by what stands in the authority section (RFC 2308 section 2.2).
std::string_view type_by_authority(std::span<const uint8_t> response) noexcept {
  size_t at = dns::header_octets;
  for (unsigned questions = dns::get16(&response[4]); questions > 0 && at != 0; --questions) {
    at = dns::skip_name(response, at);
    at = at == 0 ? 0 : at + 4;
  }
  std::string_view type = response_noerror;
  for (unsigned left = dns::get16(&response[8]); left > 0 && at != 0; --left) {
    const auto record = dns::find_record(response, at);
    const auto found = static_cast<dns::rrtype>(record ? dns::get16(&response[record.fixed]) : 0);
    if (found == dns::rrtype::soa)
      return response_nodata;
    type = found == dns::rrtype::ns ? response_delegation : type;
    at = record.end;
  }
  return type;
}

} // namespace

std::string_view response_type(const dns::query& query, std::span<const uint8_t> response, dns::rcode rcode) noexcept {
  const bool transfer = query.type() == dns::rrtype::axfr || query.type() == dns::rrtype::ixfr;
  if (response.size() < dns::header_octets || query.op() != dns::opcode::query)
    return response_other_error;
  if (transfer)
    return response_meta;
  const bool has_answer = dns::get16(&response[6]) != 0;
  if (rcode == dns::rcode::nxdomain)
    return has_answer ? response_other_error : response_nxdomain;
  if (rcode == dns::rcode::servfail || rcode == dns::rcode::notimp)
    return response_server_error;
  if (rcode != dns::rcode::noerror)
    return response_other_error;
  return has_answer ? response_noerror : type_by_authority(response);
}

uint8_t response_class(const dns::query& query, std::span<const uint8_t> response, dns::rcode rcode) noexcept {
  namespace log_class = config::log_class;
  const std::string_view type = response_type(query, response, rcode);
  if (type == response_noerror || type == response_delegation)
    return log_class::success;
  return type == response_nxdomain || type == response_nodata ? log_class::denial : log_class::error;
}

} // namespace troupe
