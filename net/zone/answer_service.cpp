// SPDX-License-Identifier: Apache-2.0
#include "net/zone/address_set.hpp"
#include "net/zone/coredns_compat.hpp"
#include "net/zone/service_view.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// So many addresses fit into 512 octets behind a name of usual length; more may have to begin somewhere else.
constexpr size_t always_fit = 24;

bool write_one(dns::response& out, dns::name_ref owner, uint32_t ttl, const ipv4& a) noexcept {
  return out.a(dns::section::answer, owner, ttl, a);
}
bool write_one(dns::response& out, dns::name_ref owner, uint32_t ttl, const ipv6& a) noexcept {
  return out.aaaa(dns::section::answer, owner, ttl, a);
}

template <class Addresses>
outcome write_set(const question& q, const Addresses& set, uint32_t ttl, dns::response& out) noexcept {
  if (set.empty())
    return outcome::nodata;
  out.authoritative();
  const size_t first = set.size() > always_fit ? q.rotate % set.size() : 0;
  const dns::name_ref owner = question_name(q);
  for (size_t i = 0; i < set.size(); ++i) {
    const size_t at = first + i;
    if (!write_one(out, owner, ttl, set[at < set.size() ? at : at - set.size()]))
      break; // the rest does not fit, TC says so
  }
  return outcome::answered;
}

bool wants_v6(const question& q) noexcept {
  return q.type() == dns::rrtype::aaaa;
}

/// The name that the first endpoint of an FQDN slice stands for.
std::optional<dns::name> first_target(const service_view& view) {
  std::optional<dns::name> found;
  view.visit(bit_of(endpoint_entry::family::fqdn), [&](endpoint_ref at) {
    found = dns::name::from_wire(view.records().slice(at).target(view.records().entry(at)));
    return !found;
  });
  return found;
}

/// Up to `most` addresses, each once, of single endpoints or of those with a port; a name if these are of an FQDN
/// slice.
found_addresses pick(const service_view& view, const question& q, size_t most) {
  found_addresses found;
  constexpr size_t repeated_looks = 2;
  address_set seen;
  seen.reserve(std::min(most, view.records().endpoint_count()));
  const auto family = wants_v6(q) ? endpoint_entry::family::v6 : endpoint_entry::family::v4;
  view.visit(bit_of(family), [&](endpoint_ref at) {
    const kube::address a = view.records().slice(at).address(view.records().entry(at));
    if (!seen.insert(a).second)
      return view.work().spend(repeated_looks);
    found.addresses.push_back(a);
    return found.addresses.size() < most;
  });
  if (found.addresses.empty())
    found.cname = first_target(view);
  return found;
}

outcome answer_picked(const service_view& view, const question& q, const answer_context& w, dns::response& out,
                      dns::name* target) {
  const found_addresses found = pick(view, q, most_records(out));
  if (found.cname)
    return chase(q, *found.cname, w, out, target);
  if (found.addresses.empty())
    return view.if_sure(outcome::nodata);
  out.authoritative();
  if (view.work().spent())
    out.truncated();
  for (const kube::address& a : found.addresses)
    if (!write_address(out, dns::section::answer, question_name(q), w.options.ttl, a))
      break;
  return outcome::answered;
}

outcome answer_address(const service_view& view, const question& q, const answer_context& w, dns::response& out,
                       dns::name* target) {
  if (view.is_external()) {
    const dns::name* alias = view.alias();
    return alias ? chase(q, *alias, w, out, target) : outcome::name_error;
  }
  if (!view.exists())
    return view.without_data();
  if (!view.whole())
    return answer_picked(view, q, w, out, target);
  const service_records& records = view.records();
  const outcome result =
    wants_v6(q) ? write_set(q, records.v6(), w.options.ttl, out) : write_set(q, records.v4(), w.options.ttl, out);
  // A set without this family may still hold names of an FQDN slice.
  return result == outcome::nodata && view.from_endpoints() && records.has_targets()
           ? answer_picked(view, q, w, out, target)
           : result;
}

/// The name that a CNAME question is answered with; nothing if there is none.
std::optional<dns::name> alias_of(const service_view& view) {
  if (view.is_external())
    return view.alias() ? std::optional{*view.alias()} : std::nullopt;
  if (!view.from_endpoints())
    return std::nullopt;
  std::optional<dns::name> alias;
  view.visit(any_family, [&](endpoint_ref at) {
    const endpoint_entry& first = view.records().entry(at);
    if (first.kind == endpoint_entry::family::fqdn)
      alias = dns::name::from_wire(view.records().slice(at).target(first));
    return false;
  });
  return alias;
}

outcome answer_cname(const service_view& view, const question& q, const answer_context& w, dns::response& out) {
  const std::optional<dns::name> alias = alias_of(view);
  if (!alias)
    return view.without_data();
  out.authoritative();
  const dns::name_view labels = alias->wire().first(alias->size() - 1);
  out.name_data(dns::section::answer, question_name(q), dns::rrtype::cname, w.options.ttl, {labels, 0});
  return outcome::answered;
}

/// The records that the question's service label means, if the service is served.
const service_records* find_records(const question& q, const table* services) noexcept {
  const service_records_ptr* found = services ? services->find(octets_of(q.service_label())) : nullptr;
  return found ? found->get() : nullptr;
}

} // namespace

outcome answer_service(const question& q, const namespace_cell& cell, const table* services, const answer_context& w,
                       dns::response& out, dns::name* target) {
  if (q.kind == form::external)
    return answer_external(q, cell, services, w, out, target);
  if (coredns_compat::soa_never_denies && q.type() == dns::rrtype::soa)
    return outcome::nodata;
  const service_records* records = exposed(cell, w.options) ? find_records(q, services) : nullptr;
  if (!records)
    return outcome::name_error;
  const service_view view{*records, q, w.options};
  if (!view.served())
    return outcome::name_error;
  switch (q.type()) {
  case dns::rrtype::a:
  case dns::rrtype::aaaa:
    return answer_address(view, q, w, out, target);
  case dns::rrtype::cname:
    return answer_cname(view, q, w, out);
  case dns::rrtype::srv:
    if (view.is_external())
      return view.exists() ? outcome::nodata : outcome::name_error;
    return answer_srv(view, q, w, cell.name, out);
  default:
    return view.without_data();
  }
}

found_addresses gather(const question& q, const answer_context& w, size_t most) {
  found_addresses found;
  if (q.kind == form::pod) {
    const auto address = pod_address(q, w);
    if (address && address->v6 == wants_v6(q))
      found.addresses.push_back(*address);
  } else if (q.kind == form::ns_dns && (q.zone_in_lower_case() || !coredns_compat::ns_needs_lower_case)) {
    address_set seen;
    visit_name_servers(w, [&](dns::name_view, const kube::address& a) {
      if (a.v6 == wants_v6(q) && seen.insert(a).second)
        found.addresses.push_back(a);
      return found.addresses.size() < most;
    });
  } else if (q.kind == form::service) {
    const namespace_cell* cell = find_exposed(q.namespace_label(), w);
    const table_ptr services = cell ? cell->of(q.imported).snapshot() : nullptr;
    const service_records* records = find_records(q, services.get());
    if (!records)
      return found;
    const service_view view{*records, q, w.options};
    if (!view.served() || !view.exists())
      return found;
    if (view.is_external())
      found.cname = *view.alias();
    else if (view.from_endpoints())
      return pick(view, q, most);
    else
      for (const kube::address& a : records->service()->cluster_ips)
        if (a.v6 == wants_v6(q) && found.addresses.size() < most)
          found.addresses.push_back(a);
  }
  return found;
}

} // namespace troupe::zone
