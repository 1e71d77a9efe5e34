// SPDX-License-Identifier: Apache-2.0
#include "net/zone/external_parts.hpp"
#include "net/zone/soa.hpp"

#include <algorithm>

namespace troupe::zone {

external_name& external_name::add(std::string_view label) noexcept {
  if (size_ + 1 + label.size() >= octets_.size()) {
    over_ = true;
    return *this;
  }
  octets_[size_++] = static_cast<uint8_t>(label.size());
  std::memcpy(octets_.data() + size_, label.data(), label.size());
  size_ += label.size();
  return *this;
}

external_name& external_name::add(dotted labels) noexcept {
  labels.each([this](std::string_view label) { add(label); });
  return *this;
}

external_name& external_name::add_run(dns::name_view labels) noexcept {
  if (size_ + labels.size() >= octets_.size()) {
    over_ = true;
    return *this;
  }
  std::ranges::copy(labels, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += labels.size();
  return *this;
}

dns::name_ref external_name::in_lower_zone() noexcept {
  if (q_.zone_in_lower_case())
    return in_asked_zone();
  const dns::name_view zone = zone_of(q_).first(zone_of(q_).size() - 1);
  std::ranges::copy(zone, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
  return {{octets_.data(), size_ + zone.size()}, 0};
}

namespace {

outcome answer_external_ns(const question& q, const answer_context& w, dns::response& out) {
  external_name server = below_apex(q, w, "ns1"), same = server;
  out.authoritative();
  out.name_data(dns::section::answer, external_name{q}.in_lower_zone(), dns::rrtype::ns, w.options.external->ttl,
                server.in_lower_zone());
  for (const kube::address& a : external_server_addresses(w, any_address, most_records(out)))
    if (!write_address(out, dns::section::additional, same.in_asked_zone(), w.options.external->ttl, a))
      break;
  return outcome::answered;
}

outcome answer_name_server(const question& q, const answer_context& w, dns::response& out) {
  bool any = false;
  const auto family = q.type() == dns::rrtype::aaaa ? endpoint_entry::family::v6 : endpoint_entry::family::v4;
  if (q.type() != dns::rrtype::a && q.type() != dns::rrtype::aaaa)
    return outcome::nodata;
  for (const kube::address& a : external_server_addresses(w, bit_of(family), most_records(out))) {
    any = true;
    if (!write_address(out, dns::section::answer, question_name(q), w.options.external->ttl, a))
      break;
  }
  if (any)
    out.authoritative();
  return any ? outcome::answered : outcome::nodata;
}

/// Below the apex label nothing falls through: the denial is written here.
outcome deny(const question& q, const answer_context& w, dns::response& out) {
  out.authoritative();
  out.code(dns::rcode::nxdomain);
  write_external_soa(q, w, dns::section::authority, out);
  return outcome::answered;
}

} // namespace

void write_external_soa(const question& q, const answer_context& w, dns::section where, dns::response& out) noexcept {
  external_name server = below_apex(q, w, "ns1"), mailbox = below_apex(q, w, "hostmaster"), zone{q};
  if (!server.fits() || !mailbox.fits())
    return;
  const dns::soa_fields soa =
    soa_of(server.in_lower_zone(), mailbox.in_lower_zone(), w.root.serial, soa_minimum(w.options));
  out.soa(where, zone.in_lower_zone(), soa_ttl(w.options), soa);
}

outcome answer_external_apex(const question& q, const answer_context& w, dns::response& out) {
  switch (q.kind) {
  case form::apex:
    if (q.type() == dns::rrtype::ns)
      return answer_external_ns(q, w, out);
    if (q.type() != dns::rrtype::soa)
      return outcome::nodata;
    out.authoritative();
    write_external_soa(q, w, dns::section::answer, out);
    return outcome::answered;
  case form::external_dns:
    if (q.front == 0)
      return outcome::nodata;
    return q.front == 1 && q.label(0) == "ns1" ? answer_name_server(q, w, out) : deny(q, w, out);
  case form::external_ns:
    return find_exposed(q.namespace_label(), w) ? outcome::nodata : outcome::name_error;
  default:
    return outcome::name_error;
  }
}

} // namespace troupe::zone
