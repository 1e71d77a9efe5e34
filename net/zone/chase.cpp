// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

constexpr size_t most_aliases = 11; // CoreDNS adds none once it has more than ten

/// A question for `name`, which lies in the zone of `q`; `lowered` and `spelled` are its storage.
question question_for(const dns::name& name, const question& q, dns::name& lowered,
                      std::array<uint8_t, dns::max_name_octets>& spelled) {
  lowered = name.lowered();
  const dns::name_view wire = lowered.wire();
  const size_t zone_octets = q.lowered.size() - q.zone_at;
  const size_t zone_at = wire.size() - zone_octets;
  // The zone counts as spelled by the client; see choice::ns_needs_lower_case.
  std::ranges::copy(wire.first(zone_at), spelled.begin());
  std::ranges::copy(q.spelled.subspan(q.zone_at), spelled.begin() + static_cast<std::ptrdiff_t>(zone_at));
  return route(wire, dns::name_view{spelled}.first(wire.size()), q.qtype, zone_at);
}

void write_chain(const question& q, const std::vector<dns::name>& chain, const std::vector<kube::address>& addresses,
                 uint32_t ttl, dns::response& out) {
  out.authoritative();
  dns::name_ref owner = question_name(q);
  for (const dns::name& alias : chain) {
    uint16_t written = 0;
    const dns::name_view labels = alias.wire().first(alias.size() - 1);
    if (!out.name_data(dns::section::answer, owner, dns::rrtype::cname, ttl, {labels, 0}, &written))
      return;
    owner = labels.empty() ? dns::name_ref{} : dns::name_ref{{}, written};
  }
  for (const kube::address& a : addresses)
    if (!write_address(out, dns::section::answer, owner, ttl, a))
      return;
}

} // namespace

outcome chase(const question& q, const dns::name& first, const world& w, dns::response& out, dns::name* target) {
  std::vector<dns::name> chain;
  dns::name_view here = q.lowered;
  dns::name next = first, lowered;
  std::array<uint8_t, dns::max_name_octets> spelled;
  for (;;) {
    const bool to_itself = dns::is_subdomain(next.wire(), here);
    if (to_itself || chain.size() == most_aliases || std::ranges::count(chain, next) != 0)
      return outcome::nodata;
    chain.push_back(next);
    if (!dns::is_subdomain(next.wire(), zone_of(q))) {
      write_chain(q, chain, {}, w.how.ttl, out);
      if (target)
        *target = next;
      return outcome::external;
    }
    const question inner = question_for(next, q, lowered, spelled);
    const found_addresses found = gather(inner, w);
    if (!found.cname && found.addresses.empty())
      return outcome::nodata;
    if (!found.cname) {
      write_chain(q, chain, found.addresses, w.how.ttl, out);
      return outcome::answered;
    }
    next = *found.cname;
    here = lowered.wire();
  }
}

} // namespace troupe::zone
