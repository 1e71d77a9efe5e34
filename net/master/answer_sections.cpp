// SPDX-License-Identifier: Apache-2.0
#include "net/master/answer_sections.hpp"

#include <algorithm>

namespace troupe::master {

using dns::rrtype;

namespace {

/// The name that a record's data want addresses of; empty if they want none.
dns::name_view name_with_addresses(uint16_t type, std::span<const uint8_t> data) noexcept {
  size_t begin = 0;
  switch (static_cast<rrtype>(type)) {
  case rrtype::mx:
  case rrtype::svcb:
  case rrtype::https:
    begin = 2;
    break;
  case rrtype::srv:
    begin = 6;
    break;
  default:
    return {};
  }
  if (data.size() <= begin)
    return {};
  const auto rest = data.subspan(begin);
  return rest.first(dns::name_length(rest));
}

} // namespace

void answer_sections::add_signed(std::vector<answer_row>& section, uint32_t owner, uint32_t from, rrtype type) {
  for (record_set left = zone_[from].find(type_number(type)); left;)
    section.push_back({owner, type_number(type), left.take()});
  if (with_signatures())
    add_signatures(section, owner, from, type);
}

void answer_sections::add_signatures(std::vector<answer_row>& section, uint32_t owner, uint32_t from, rrtype type) {
  for (record_set left = zone_[from].find(type_number(rrtype::rrsig)); left;) {
    const table_record signature = left.take();
    // Which type it covers stands first (RFC 4034 section 3.1).
    if (signature.data.size() > 2 && (signature.data[0] << 8 | signature.data[1]) == type_number(type))
      section.push_back({owner, type_number(rrtype::rrsig), signature});
  }
}

void answer_sections::add_soa(std::vector<answer_row>& section) {
  const dns::record& soa = zone_.soa();
  section.push_back({0, soa.type, {soa.rrclass, soa.ttl, soa.data}});
  out_.has_soa = true;
  if (with_signatures())
    add_signatures(section, 0, 0, rrtype::soa);
}

void answer_sections::add_referral(uint32_t cut) {
  for (record_set left = zone_[cut].find(type_number(rrtype::ns)); left;)
    out_.authority.push_back({cut, type_number(rrtype::ns), left.take()});
  if (with_signatures())
    add_signed(out_.authority, cut, cut, rrtype::ds);
  add_glue(zone_[cut].find(type_number(rrtype::ns)), cut);
}

void answer_sections::add_glue(record_set servers, uint32_t owner) {
  const dns::name owner_name = name_of_key(zone_[owner].key(), zone_.apex());
  while (servers)
    if (const table_record server = servers.take(); dns::is_subdomain(server.data, owner_name.wire()))
      add_addresses(server.data);
}

void answer_sections::add_addresses(dns::name_view of_name) {
  const auto key = name_key::relative(of_name, zone_.apex().wire());
  const uint32_t at = key ? zone_.find(key->octets()) : zone_table::none;
  if (at == zone_table::none)
    return;
  add_signed(out_.additional, at, at, rrtype::a);
  add_signed(out_.additional, at, at, rrtype::aaaa);
}

void answer_sections::add_addresses_of_answer() {
  std::vector<dns::name_view> named;
  for (const answer_row& row : out_.answer)
    if (const auto name = name_with_addresses(row.type, row.record.data); !name.empty())
      named.push_back(name);
  for (const dns::record& record : out_.chased)
    if (const auto name = name_with_addresses(record.type, record.data); !name.empty())
      named.push_back(name);
  for (size_t i = 0; i < named.size() && i < max_additional; ++i)
    if (std::none_of(named.begin(), named.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](dns::name_view other) { return dns::equal(other, named[i]); }))
      add_addresses(named[i]);
}

void finish_from_elsewhere(const zone_table& zone, const dns::query& q, dns::rcode code,
                           std::vector<dns::record> records, zone_answer& out) {
  answer_sections sections{zone, q, out};
  out.chased = std::move(records);
  const bool nothing = code == dns::rcode::noerror && out.chased.empty();
  if (code == dns::rcode::nxdomain || nothing)
    sections.add_soa(out.authority);
  else
    sections.add_apex_servers();
  sections.add_addresses_of_answer();
  sections.end(code == dns::rcode::nxdomain   ? zone_result::name_error
               : nothing                      ? zone_result::no_data
               : code == dns::rcode::servfail ? zone_result::failure
                                              : zone_result::success);
}

} // namespace troupe::master
