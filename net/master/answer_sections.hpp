// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/master/zone_answer.hpp"

namespace troupe::master {

/// Names whose addresses one answer looks for. No message holds more records (dns::min_record_octets), and every name
/// is compared with those before it.
inline constexpr size_t max_additional = 128;

constexpr uint16_t type_number(dns::rrtype type) noexcept {
  return static_cast<uint16_t>(type);
}

/// Puts records of a table into the sections of an answer; for zone_lookup and finish_from_elsewhere.
class answer_sections {
public:
  answer_sections(const zone_table& zone, const dns::query& q, zone_answer& out) : zone_(zone), q_(q), out_(out) {}

  bool with_signatures() const noexcept { return q_.edns.dnssec_ok; }
  void end(zone_result result) noexcept { out_.result = result; }

  /// The records of a type that the name at `from` has, and with DO their signatures; `owner`: see answer_row.
  void add_signed(std::vector<answer_row>& section, uint32_t owner, uint32_t from, dns::rrtype type);
  void add_soa(std::vector<answer_row>& section);
  void add_apex_servers() { add_signed(out_.authority, 0, 0, dns::rrtype::ns); }
  /// The zone is cut at `cut`: its servers, with DO its DS, and glue.
  void add_referral(uint32_t cut);
  /// Addresses of those of `servers` that are at or below the name at `owner`.
  void add_glue(record_set servers, uint32_t owner);
  /// Addresses that the zone has of what the answer's MX, SRV, SVCB and HTTPS name, each once.
  void add_addresses_of_answer();

protected:
  const zone_table& zone_;
  const dns::query& q_;
  zone_answer& out_;

private:
  void add_signatures(std::vector<answer_row>& section, uint32_t owner, uint32_t from, dns::rrtype type);
  void add_addresses(dns::name_view of_name);
};

} // namespace troupe::master
