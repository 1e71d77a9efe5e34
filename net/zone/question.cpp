// SPDX-License-Identifier: Apache-2.0
#include "net/zone/question.hpp"

#include "net/zone/coredns_compat.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::zone {

namespace {

using namespace std::string_view_literals;

// Wire form of the two reverse trees (RFC 1035 section 3.5, RFC 3596 section 2.5).
constexpr auto in_addr_arpa = "\7in-addr\4arpa\0"sv;
constexpr auto ip6_arpa = "\3ip6\4arpa\0"sv;
constexpr size_t nibbles = 32; // in an ip6.arpa name
constexpr size_t most_labels = dns::max_name_octets / 2;

/// True if `name` is below `tree` (the tree's own name is not).
bool below(std::string_view name, std::string_view tree) noexcept {
  return name.size() > tree.size() && name.ends_with(tree);
}

/// One octet as a decimal number without leading zeros.
bool read_octet(std::string_view label, uint8_t& out) noexcept {
  if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0'))
    return false;
  unsigned value = 0;
  for (char c : label) {
    if (c < '0' || c > '9')
      return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  out = static_cast<uint8_t>(value);
  return value <= 255;
}

bool read_v4(std::string_view labels, kube::address& out) noexcept {
  for (size_t i = 0; i < 4; ++i) {
    if (labels.empty())
      return false;
    const size_t length = static_cast<uint8_t>(labels[0]);
    if (!read_octet(labels.substr(1, length), out.octets[3 - i]))
      return false;
    labels.remove_prefix(1 + length);
  }
  return labels.empty();
}

int hex_digit(char c) noexcept {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// IPv4-mapped addresses are the IPv4 address to Kubernetes (RFC 4291 section 2.5.5.2).
void unmap(kube::address& a) noexcept {
  constexpr std::array<uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(prefix.begin(), prefix.end(), a.octets.begin()))
    return;
  std::copy(a.octets.begin() + 12, a.octets.end(), a.octets.begin());
  std::fill(a.octets.begin() + 4, a.octets.end(), uint8_t{0});
  a.v6 = false;
}

bool read_v6(std::string_view labels, kube::address& out) noexcept {
  if (coredns_compat::ptr_ignores_prefix) {
    size_t count = 0;
    for (size_t at = 0; at < labels.size(); at += 1 + static_cast<uint8_t>(labels[at]))
      ++count;
    if (count > nibbles + 3)
      return false;
    for (; count > nibbles; --count)
      labels.remove_prefix(1 + static_cast<uint8_t>(labels[0]));
  }
  if (labels.size() != 2 * nibbles)
    return false;
  for (size_t i = 0; i < nibbles; ++i) {
    const int digit = labels[2 * i] == 1 ? hex_digit(labels[2 * i + 1]) : -1;
    if (digit < 0)
      return false;
    out.octets[15 - i / 2] |= static_cast<uint8_t>(i % 2 == 0 ? digit : digit << 4);
  }
  out.v6 = true;
  unmap(out);
  return true;
}

/// Reads the address that `name`, below one of the reverse trees, stands for.
bool read_reverse(std::string_view name, kube::address& out) noexcept {
  if (below(name, in_addr_arpa))
    return read_v4(name.substr(0, name.size() - in_addr_arpa.size()), out);
  return read_v6(name.substr(0, name.size() - ip6_arpa.size()), out);
}

/// Whether whole addresses could stand below `name`, which is below one of the reverse trees.
bool is_above_addresses(std::string_view name) noexcept {
  const bool v4 = below(name, in_addr_arpa);
  std::string_view labels = name.substr(0, name.size() - (v4 ? in_addr_arpa : ip6_arpa).size());
  size_t count = 0;
  for (uint8_t octet; !labels.empty(); ++count) {
    const std::string_view label = labels.substr(1, static_cast<uint8_t>(labels[0]));
    if (v4 ? !read_octet(label, octet) : label.size() != 1 || hex_digit(label[0]) < 0)
      return false;
    labels.remove_prefix(1 + label.size());
  }
  return count < (v4 ? 4 : nibbles);
}

form one_label(std::string_view last) noexcept {
  if (last == "svc"sv || last == "pod"sv)
    return form::empty;
  if (last == "dns"sv)
    return form::above_ns_dns;
  return last == "dns-version"sv ? form::dns_version : form::unknown;
}

/// `<topology zone>.pin._zone` or `….prefer._zone`; the zone is there, as there are more labels.
bool is_zonal(const question& q, size_t anchor, size_t directive) noexcept {
  return q.label(anchor) == "_zone"sv && (q.label(directive) == "pin"sv || q.label(directive) == "prefer"sv);
}

} // namespace

bool question::asks_for_zone(std::string_view zone) const noexcept {
  if (front != topology_zone)
    return false;
  for (size_t at = 0; at < directive_at; at += 1 + lowered[at]) {
    const std::string_view wanted = label(at);
    const bool last = at + 1 + lowered[at] == directive_at;
    if (wanted.find('.') != wanted.npos || !zone.starts_with(wanted))
      return false;
    zone.remove_prefix(wanted.size());
    if (last ? !zone.empty() : !zone.starts_with('.'))
      return false;
    if (!last)
      zone.remove_prefix(1);
  }
  return true;
}

bool question::zone_in_lower_case() const noexcept {
  return lowered.data() == spelled.data() ||
         std::memcmp(lowered.data() + zone_at, spelled.data() + zone_at, lowered.size() - zone_at) == 0;
}

namespace {

/// Of a name below in-addr.arpa or ip6.arpa: an address, or what stands above addresses. False: neither.
inline bool is_reverse(question& q, std::string_view name) noexcept {
  const bool may_be_address = q.type() == dns::rrtype::ptr || (q.zone_at != 0 && !coredns_compat::reverse_is_ptr_only);
  if (may_be_address && read_reverse(name, q.address)) {
    q.kind = form::reverse_address;
    return true;
  }
  if (q.zone_at != 0 && is_above_addresses(name)) {
    q.kind = form::above_addresses;
    return true;
  }
  return false;
}

} // namespace

question parse_question(dns::name_view lowered, dns::name_view spelled, uint16_t qtype, size_t zone_skip,
                        const options& options) noexcept {
  constexpr size_t usual = 5; // [<port> <protocol>] <service> <namespace> svc
  const size_t most = options.zonal ? most_labels : usual;
  question q;
  q.lowered = lowered;
  q.spelled = spelled;
  q.qtype = qtype;
  q.zone_at = static_cast<uint8_t>(zone_skip);
  const std::string_view name{reinterpret_cast<const char*>(lowered.data()), lowered.size()};
  const bool reverse = name.ends_with("\4arpa\0"sv) && (below(name, in_addr_arpa) || below(name, ip6_arpa));
  if (reverse && is_reverse(q, name))
    return q;
  uint8_t at[most_labels];
  size_t labels = 0;
  for (size_t offset = 0; offset < zone_skip; offset += 1 + lowered[offset]) {
    if (labels == most)
      return q; // too deep for any form
    at[labels++] = static_cast<uint8_t>(offset);
  }
  if (labels == 0) {
    q.kind = form::apex;
    return q;
  }
  if (labels == 1) {
    q.kind = one_label(q.label(0));
    return q;
  }
  const std::string_view last = q.label(at[labels - 1]);
  if (labels == 2 && last == "dns"sv && q.label(0) == "ns"sv) {
    q.kind = form::ns_dns;
    return q;
  }
  const bool service = last == "svc"sv;
  if (reverse || (!service && last != "pod"sv))
    return q;
  q.namespace_at = at[labels - 2];
  if (labels == 2) {
    q.kind = service ? form::namespace_only : form::pod_namespace;
    return q;
  }
  q.service_at = at[labels - 3];
  q.front = static_cast<uint8_t>(std::min<size_t>(labels - 3, question::topology_zone));
  q.imported = options.is_multicluster(lowered.subspan(zone_skip));
  if (labels > usual) {
    if (!service || q.imported || !is_zonal(q, at[labels - 4], at[labels - 5]))
      return q;
    q.front = question::topology_zone;
    q.directive_at = at[labels - 5];
  } else if (q.imported && q.front == 2 && !q.label(0).starts_with('_') && !q.label(at[1]).starts_with('_')) {
    q.front = question::endpoint_and_cluster;
  }
  if (service)
    q.kind = form::service;
  else if (q.front == 0 || coredns_compat::pods_ignore_prefix)
    q.kind = form::pod;
  return q;
}

question route_external(dns::name_view lowered, dns::name_view spelled, uint16_t qtype, size_t zone_skip,
                        const external_names& names) noexcept {
  constexpr size_t most = 4; // [<port> <protocol>] <service> <namespace>
  question q;
  q.lowered = lowered;
  q.spelled = spelled;
  q.qtype = qtype;
  q.zone_at = static_cast<uint8_t>(zone_skip);
  if (zone_skip == 0) {
    q.kind = form::apex;
    return q;
  }
  const dns::name_view apex = names.apex.wire().first(names.apex.size() - 1);
  const dns::name_view labels = lowered.first(zone_skip);
  size_t at[most];
  size_t count = 0;
  bool too_many = false;
  for (size_t offset = 0; offset < zone_skip; offset += 1 + lowered[offset]) {
    if (dns::equal(labels.subspan(offset), apex)) {
      q.kind = form::external_dns;
      q.front = static_cast<uint8_t>(std::min<size_t>(count, 2)); // more than one says no more
      return q;
    }
    too_many |= count == most;
    if (!too_many)
      at[count++] = offset;
  }
  const std::string_view name{reinterpret_cast<const char*>(lowered.data()), lowered.size()};
  const bool reverse = name.ends_with("\4arpa\0"sv) && (below(name, in_addr_arpa) || below(name, ip6_arpa));
  const bool may_be_address = q.type() == dns::rrtype::ptr || !coredns_compat::reverse_is_ptr_only;
  if (reverse && may_be_address && read_reverse(name, q.address)) {
    q.kind = form::reverse_address;
    return q;
  }
  if (too_many)
    return q;
  q.namespace_at = static_cast<uint8_t>(at[count - 1]);
  q.kind = count == 1 ? form::external_ns : form::external;
  if (count > 1) {
    q.service_at = static_cast<uint8_t>(at[count - 2]);
    q.front = static_cast<uint8_t>(count - 2);
  }
  return q;
}

question parse_question(const dns::query& q, size_t zone_skip, const options& options) noexcept {
  if (options.external)
    return route_external(q.name_lowered(), q.name_as_sent(), q.qtype, zone_skip, *options.external);
  return parse_question(q.name_lowered(), q.name_as_sent(), q.qtype, zone_skip, options);
}

bool read_reverse_name(dns::name_view lowered, kube::address& out) noexcept {
  const std::string_view name{reinterpret_cast<const char*>(lowered.data()), lowered.size()};
  return (below(name, in_addr_arpa) || below(name, ip6_arpa)) && read_reverse(name, out);
}

} // namespace troupe::zone
