// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/coredns_compat.hpp"
#include "net/zone/label_set.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// What a name that exists says to a type for which CoreDNS denies it.
constexpr outcome denied_if(bool as_coredns_does) noexcept {
  return as_coredns_does ? outcome::name_error : outcome::implied;
}

/// A name that exists and holds nothing.
outcome empty_name(const question& q) noexcept {
  return q.type() == dns::rrtype::txt ? denied_if(coredns_compat::txt_denies_empty_names) : outcome::nodata;
}

/// Every name once, then every address, as glue of its name.
outcome answer_ns(const question& q, const answer_context& w, dns::response& out) {
  struct glue {
    uint32_t name;
    kube::address address;
  };
  label_set names;
  std::vector<glue> addresses;
  const size_t most = most_records(out);
  visit_name_servers(w, [&](dns::name_view labels, const kube::address& a) {
    if (fits_zone(q, labels))
      addresses.push_back({names.add(labels).number, a});
    return addresses.size() < most;
  });
  if (names.size() == 0)
    return outcome::nodata;
  out.authoritative();
  for (size_t i = 0; i < names.size(); ++i)
    if (!out.name_data(dns::section::answer, question_name(q), dns::rrtype::ns, w.options.ttl, in_zone(q, names[i])))
      return outcome::answered;
  for (const glue& g : addresses)
    if (!write_address(out, dns::section::additional, in_zone(q, names[g.name]), w.options.ttl, g.address))
      break;
  return outcome::answered;
}

outcome answer_zone(const question& q, const answer_context& w, dns::response& out) {
  if (q.type() == dns::rrtype::soa) {
    write_soa(q, w, dns::section::answer, out);
    out.authoritative();
    return outcome::answered;
  }
  if (q.type() == dns::rrtype::ns && (q.zone_in_lower_case() || !coredns_compat::ns_needs_lower_case))
    return answer_ns(q, w, out);
  return empty_name(q);
}

bool asks_for(const question& q, const kube::address& address) noexcept {
  return q.type() == (address.v6 ? dns::rrtype::aaaa : dns::rrtype::a);
}

outcome write_all(const question& q, const std::vector<kube::address>& addresses, const answer_context& w,
                  dns::response& out) noexcept {
  if (addresses.empty())
    return outcome::nodata;
  out.authoritative();
  for (const kube::address& a : addresses)
    if (!write_address(out, dns::section::answer, question_name(q), w.options.ttl, a))
      break;
  return outcome::answered;
}

outcome answer_ns_dns(const question& q, const answer_context& w, dns::response& out) {
  if (coredns_compat::ns_needs_lower_case && !q.zone_in_lower_case())
    return outcome::name_error;
  switch (q.type()) {
  case dns::rrtype::a:
  case dns::rrtype::aaaa:
    return write_all(q, gather(q, w, most_records(out)).addresses, w, out);
  case dns::rrtype::txt:
  case dns::rrtype::ptr:
    return denied_if(coredns_compat::txt_denies_empty_names);
  default:
    return outcome::nodata;
  }
}

outcome answer_version(const question& q, dns::response& out) noexcept {
  if (q.type() != dns::rrtype::txt)
    return denied_if(coredns_compat::dns_version_is_txt_only);
  out.authoritative();
  out.txt(dns::section::answer, question_name(q), specification_ttl, specification);
  return outcome::answered;
}

outcome answer_pod_srv(const question& q, const kube::address& address, size_t pods, const answer_context& w,
                       dns::response& out) noexcept {
  const label_run labels{q.service_label(), q.namespace_label(), std::string_view{"pod"}};
  uint16_t written = 0;
  out.authoritative();
  if (out.srv(dns::section::answer, question_name(q), w.options.ttl, 0, weight_of(pods), 0, in_zone(q, labels.view()),
              &written))
    write_address(out, dns::section::additional, {{}, written}, w.options.ttl, address);
  return outcome::answered;
}

outcome answer_pod(const question& q, const answer_context& w, dns::response& out) {
  size_t pods = 1;
  const std::optional<kube::address> address = pod_address(q, w, &pods);
  if (!address)
    return outcome::name_error;
  if (asks_for(q, *address))
    return write_all(q, {*address}, w, out);
  if (coredns_compat::pods_have_srv && q.type() == dns::rrtype::srv)
    return answer_pod_srv(q, *address, pods, w, out);
  return outcome::nodata;
}

outcome answer_through_cell(const question& q, const answer_context& w, dns::response& out, dns::name* target) {
  const namespace_cell_ptr* cell = w.root.find(octets_of(q.namespace_label()));
  if (!cell)
    return outcome::name_error;
  const table_ptr services = (*cell)->of(q.imported).snapshot();
  return answer_service(q, **cell, services.get(), w, out, target);
}

} // namespace

outcome answer_apex(const question& q, const answer_context& w, dns::response& out, dns::name* target) {
  if (w.options.external)
    return q.kind == form::external ? answer_through_cell(q, w, out, target) : answer_external_apex(q, w, out);
  if (coredns_compat::soa_never_denies && q.type() == dns::rrtype::soa && q.kind != form::apex)
    return outcome::nodata;
  switch (q.kind) {
  case form::apex:
    return answer_zone(q, w, out);
  case form::ns_dns:
    return answer_ns_dns(q, w, out);
  case form::dns_version:
    return answer_version(q, out);
  case form::empty:
    return empty_name(q);
  case form::above_ns_dns:
    return denied_if(coredns_compat::denies_dns_label);
  case form::above_addresses:
    return q.type() == dns::rrtype::soa ? outcome::implied : outcome::name_error;
  case form::namespace_only:
    return find_exposed(q.namespace_label(), w) ? empty_name(q) : outcome::name_error;
  case form::pod_namespace:
    return w.options.pods != options::pods_mode::disabled && find_exposed(q.namespace_label(), w) ? empty_name(q)
                                                                                                  : outcome::name_error;
  case form::pod:
    return answer_pod(q, w, out);
  case form::service:
    return answer_through_cell(q, w, out, target);
  case form::reverse_address:
    return answer_reverse(q, w, out);
  case form::external: // the view says so, above
  case form::external_ns:
  case form::external_dns:
  case form::unknown:
    break;
  }
  return outcome::name_error;
}

} // namespace troupe::zone
