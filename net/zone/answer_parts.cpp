// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"

#include "net/zone/soa.hpp"

#include <algorithm>

namespace troupe::zone {

bool write_address(dns::response& out, dns::section where, dns::name_ref owner, uint32_t ttl,
                   const kube::address& address) noexcept {
  if (address.v6)
    return out.aaaa(where, owner, ttl, address.octets);
  ipv4 octets;
  std::copy_n(address.octets.begin(), 4, octets.begin());
  return out.a(where, owner, ttl, octets);
}

void write_soa(const question& q, const answer_context& w, dns::section where, dns::response& out) noexcept {
  if (!fits_zone(q, soa_rname)) // the longer of the two
    return;
  const dns::soa_fields soa =
    soa_of(in_zone(q, soa_mname), in_zone(q, soa_rname), w.root.serial, soa_minimum(w.options));
  out.soa(where, in_zone(q, {}), soa_ttl(w.options), soa);
}

const namespace_cell* find_exposed(std::string_view label, const answer_context& w) noexcept {
  const namespace_cell_ptr* cell = w.root.find(octets_of(label));
  return cell && exposed(**cell, w.options) ? cell->get() : nullptr;
}

const service_records* service_reader::find(const reverse_owner& owner) {
  if (!services_ || namespace_ != owner.namespace_) {
    namespace_ = owner.namespace_;
    const namespace_cell_ptr* cell = w_.root.find(octets_of(namespace_));
    services_ = cell ? (*cell)->tables.snapshot() : nullptr;
  }
  const service_records_ptr* records = services_ ? services_->find(octets_of(owner.service)) : nullptr;
  return records && (*records)->service() ? records->get() : nullptr;
}

bool holds(const slice_part& slice, const kube::address& address) noexcept {
  return std::ranges::any_of(slice.endpoints, [&](const endpoint_entry& e) {
    if (e.kind == endpoint_entry::family::v4)
      return !address.v6 && std::equal(e.octets.begin(), e.octets.end(), address.octets.begin());
    return is_address(e) && slice.address(e) == address;
  });
}

std::optional<kube::address> pod_address(const question& q, const answer_context& w, size_t* pods) {
  if (w.options.pods == options::pods_mode::disabled || !find_exposed(q.namespace_label(), w))
    return std::nullopt;
  const std::string_view label = q.service_label();
  const bool v4 = std::ranges::count(label, '-') == 3 && label.find("--") == label.npos;
  std::string text{label};
  std::ranges::replace(text, '-', v4 ? '.' : ':');
  const auto address = kube::address::from_text(text);
  if (!address || w.options.pods == options::pods_mode::insecure)
    return address;
  size_t known = 0;
  if (w.pods && address->to_text() == text) // one spelling is the pod's name
    w.pods->visit(address_key(*address), [&](const pod_row& row) {
      known += row.pod->namespace_ == q.namespace_label() ? 1 : 0;
      return true;
    });
  if (pods)
    *pods = known;
  return known != 0 ? address : std::nullopt;
}

void write_negative(const question& q, outcome result, const answer_context& w, dns::response& out) {
  if (result == outcome::servfail) {
    out.code(dns::rcode::servfail);
    return;
  }
  out.authoritative();
  if (result == outcome::name_error)
    out.code(w.root.synced ? dns::rcode::nxdomain : dns::rcode::servfail);
  if (w.options.external)
    write_external_soa(q, w, dns::section::authority, out);
  else
    write_soa(q, w, dns::section::authority, out);
}

} // namespace troupe::zone
