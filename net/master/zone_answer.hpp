// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"
#include "net/master/zone_table.hpp"

namespace troupe::master {

/// What a table says to a question.
enum class zone_result : uint8_t {
  success,
  no_data,    ///< the name is there, the type is not
  name_error, ///< the name is not there
  nothing,    ///< the name is there because names below it are; CoreDNS falls through here as for name_error
  delegation, ///< the name is in a zone below
  failure,    ///< the server cannot say
  elsewhere,  ///< the answer goes on with `target`, which the table does not have
};

/// A record of an answer. Data point into the table or into the answer.
struct answer_row {
  static constexpr uint32_t asked = UINT32_MAX; ///< the owner is the name that was asked for
  uint32_t owner = asked;                       ///< else a name of the table
  uint16_t type = 0;
  table_record record;
};

/// What a table answers; may be used again, which spares allocations. Lives no longer than its table.
struct zone_answer {
  zone_result result = zone_result::failure;
  uint32_t wildcard = zone_table::none; ///< the name whose records stand for the one asked for (RFC 4592)
  bool has_soa = false;                 ///< the SOA and its signatures stand first in the authority section
  std::vector<answer_row> answer, authority, additional;
  std::vector<dns::record> chased;  ///< behind `answer`: what was found elsewhere
  dns::name target;                 ///< of `elsewhere`
  std::vector<uint8_t> synthesised; ///< the data of a CNAME that a DNAME stands for
  dns::rcode code = dns::rcode::noerror;

  void clear() noexcept;
};

/// Answers `q` (class IN) as CoreDNS's `file` does: RFC 1034 section 4.3.2, wildcards (RFC 4592), DNAME (RFC 6672),
/// aliases within the zone up to max_aliases, referrals with glue, addresses of what MX, SRV, SVCB and HTTPS name; with
/// DO the signatures, NSEC denials and DS that the zone has. ANY finds records of no type. Cost: a few binary searches
/// over the names, and the records that are said.
void answer_from_zone(const zone_table& zone, const dns::query& q, zone_answer& out);

/// Aliases of a zone that are followed one after the other, as in CoreDNS.
inline constexpr size_t max_aliases = 9;

/// Ends an answer whose result is `elsewhere`: the target's answer has `code` and `records`.
void finish_from_elsewhere(const zone_table& zone, const dns::query& q, dns::rcode code,
                           std::vector<dns::record> records, zone_answer& out);

/// Writes the message, without OPT. Returns its octets, which `uncompressed` would be without compression; what does
/// not fit into `out` is cut and TC says so.
size_t write_zone_answer(const zone_table& zone, const dns::query& q, const zone_answer& answer, std::span<uint8_t> out,
                         size_t& uncompressed);

} // namespace troupe::master
