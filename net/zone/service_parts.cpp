// SPDX-License-Identifier: Apache-2.0
#include "net/zone/address_set.hpp"
#include "net/zone/label_set.hpp"
#include "net/zone/service_records.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace troupe::zone {

namespace {

constexpr size_t max_entries =
  std::numeric_limits<uint16_t>::max(); // endpoint_ref counts in 16 bits; the API allows 1000

port_list ports_from(const std::vector<kube::port>& from) {
  std::vector<port_record> ports;
  ports.reserve(from.size());
  for (const kube::port& p : from)
    ports.push_back({p.name, p.number, protocol_from(p.protocol)});
  return port_list{std::move(ports)};
}

/// Names longer than a label are left out: they could not be asked for.
std::string_view label_or_nothing(const std::string& text) noexcept {
  return text.size() <= dns::max_label_octets ? std::string_view{text} : std::string_view{};
}

/// The same for what dots may part into labels; CoreDNS takes no longer one either.
std::string_view labels_or_nothing(const std::string& text) noexcept {
  const bool empty_label = text.starts_with('.') || text.ends_with('.') || text.find("..") != text.npos;
  return empty_label ? std::string_view{} : label_or_nothing(text);
}

void append(std::string& text, std::span<const uint8_t> octets) {
  text.append(reinterpret_cast<const char*>(octets.data()), octets.size());
}

void add_endpoint(slice_part& slice, endpoint_entry e, const kube::endpoint& from, bool keep_pod_names) {
  const std::string_view hostname = label_or_nothing(from.hostname);
  const std::string_view pod = keep_pod_names ? labels_or_nothing(from.pod) : std::string_view{};
  e.text_at = static_cast<uint32_t>(slice.text.size());
  e.hostname_octets = static_cast<uint8_t>(hostname.size());
  e.pod_octets = static_cast<uint8_t>(pod.size());
  slice.text.append(hostname).append(pod);
  slice.families |= bit_of(e.kind);
  slice.endpoints.push_back(e);
}

void add_addresses(slice_part& slice, const kube::endpoint& from, bool keep_pod_names) {
  for (const kube::address& a : from.addresses) {
    endpoint_entry e;
    if (slice.endpoints.size() >= max_entries)
      return;
    e.kind = a.v6 ? endpoint_entry::family::v6 : endpoint_entry::family::v4;
    if (!a.v6)
      std::copy_n(a.octets.begin(), e.octets.size(), e.octets.begin());
    add_endpoint(slice, e, from, keep_pod_names);
    if (a.v6)
      append(slice.text, a.octets);
  }
}

void add_fqdn(slice_part& slice, const kube::endpoint& from, bool keep_pod_names) {
  const auto target = dns::name::from_text(from.fqdn);
  if (!target || slice.endpoints.size() >= max_entries)
    return;
  endpoint_entry e;
  e.kind = endpoint_entry::family::fqdn;
  e.target_octets = static_cast<uint8_t>(target->size());
  add_endpoint(slice, e, from, keep_pod_names);
  append(slice.text, target->wire());
}

/// Notes the topology zone of the endpoints from `begin` to `end`.
void add_zone(slice_extras& to, const std::string& zone, size_t begin, size_t end) {
  if (zone.empty() || begin == end)
    return;
  const auto found = std::ranges::find(to.zones, zone);
  const auto number = static_cast<uint16_t>(found - to.zones.begin() + 1);
  if (found == to.zones.end())
    to.zones.push_back(zone);
  to.zone_of.resize(end, 0);
  std::fill(to.zone_of.begin() + static_cast<std::ptrdiff_t>(begin), to.zone_of.end(), number);
}

std::string_view dashed_target(const slice_part& slice, const endpoint_entry& e, label_buffer& buffer) noexcept {
  const dns::name_view wire = slice.target(e);
  size_t length = 0;
  for (size_t at = 0; at < wire.size() && wire[at] != 0; at += 1 + wire[at]) {
    const size_t need = wire[at] + (length != 0 ? 1u : 0u);
    if (length + need > dns::max_label_octets)
      return {};
    if (length != 0)
      buffer.octets[length++] = '-';
    std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(at) + 1, wire[at], buffer.octets + length);
    length += wire[at];
  }
  return {buffer.octets, length};
}

} // namespace

std::string_view text_of(port_record::protocol p) noexcept {
  constexpr std::string_view names[] = {"", "tcp", "udp", "sctp"};
  return names[static_cast<size_t>(p)];
}

const uint8_t* slice_part::behind_names(const endpoint_entry& e) const noexcept {
  return reinterpret_cast<const uint8_t*>(text.data()) + e.text_at + e.hostname_octets + e.pod_octets;
}

kube::address slice_part::address(const endpoint_entry& e) const noexcept {
  kube::address out;
  out.v6 = e.kind == endpoint_entry::family::v6;
  if (out.v6)
    std::copy_n(behind_names(e), out.octets.size(), out.octets.begin());
  else
    std::ranges::copy(e.octets, out.octets.begin());
  return out;
}

dns::name_view slice_part::target(const endpoint_entry& e) const noexcept {
  return {behind_names(e), e.target_octets};
}

namespace {

std::unique_ptr<const external_part> external_part_of(const kube::service& from) {
  external_part made;
  address_set addresses;
  std::ranges::copy_if(from.external_ips, std::back_inserter(made.addresses),
                       [&](const kube::address& a) { return addresses.insert(a).second; });
  made.targets = from.external_ips.size();
  label_set names;
  for (const std::string& text : from.ingress_hostnames)
    if (const auto name = dns::name::from_text(text); name && !name->is_root()) {
      ++made.targets;
      if (names.add(name->lowered().wire()).is_new)
        made.names.push_back(*name);
    }
  if (made.addresses.empty() && made.names.empty())
    return nullptr;
  return std::make_unique<const external_part>(std::move(made));
}

} // namespace

service_part_ptr make_service_part(const kube::service& from, bool keep_external) {
  auto part = std::make_shared<service_part>();
  part->name = from.name;
  part->type = from.type;
  if (from.type == kube::service::kind::cluster_ip)
    part->cluster_ips = from.cluster_ips;
  part->ports = ports_from(from.ports);
  // An ExternalName that is an address denies the service's name, as in CoreDNS.
  if (from.type == kube::service::kind::external_name && !kube::address::from_text(from.external_name))
    if (auto target = dns::name::from_text(from.external_name))
      part->external = std::make_unique<const dns::name>(*target);
  if (keep_external)
    part->outside = external_part_of(from);
  return part;
}

slice_part_ptr make_slice_part(const kube::endpoint_slice& from, const kube::kept& keep) {
  auto part = std::make_shared<slice_part>();
  part->name = from.name;
  part->service = from.service;
  part->ports = ports_from(from.ports);
  part->endpoints.reserve(from.endpoints.size());
  slice_extras extras;
  for (const kube::endpoint& e : from.endpoints) {
    if (!e.ready)
      continue;
    const size_t begin = part->endpoints.size();
    add_addresses(*part, e, keep.pod_names);
    if (!e.fqdn.empty())
      add_fqdn(*part, e, keep.pod_names);
    if (keep.zones)
      add_zone(extras, e.zone, begin, part->endpoints.size());
  }
  if (keep.imports)
    extras.cluster = label_or_nothing(from.source_cluster);
  if (!(extras == slice_extras{}))
    part->extras = std::make_unique<const slice_extras>(std::move(extras));
  part->text.shrink_to_fit();
  part->index = make_slice_index(*part);
  return part;
}

namespace {

/// RFC 5952 with dashes for colons: inet_ntop's text, at a fifth of its cost. Returns the end.
char* write_v6(const kube::address& address, char* at) noexcept {
  constexpr size_t groups = 8, none = groups + 1;
  std::array<unsigned, groups> group;
  for (size_t i = 0; i < groups; ++i)
    group[i] = static_cast<unsigned>(address.octets[2 * i] << 8 | address.octets[2 * i + 1]);
  size_t zeros_at = none, zeros = 1; // the first of the longest runs of zeros, if it is no single one
  for (size_t i = 0, run = 0; i < groups; ++i) {
    run = group[i] == 0 ? run + 1 : 0;
    if (run > zeros) {
      zeros = run;
      zeros_at = i + 1 - run;
    }
  }
  if (zeros_at == 0) { // IPv4 in IPv6 has a text of its own
    inet_ntop(AF_INET6, address.octets.data(), at, INET6_ADDRSTRLEN);
    char* const end = at + std::strlen(at);
    std::replace(at, end, ':', '-');
    return end;
  }
  for (size_t i = 0; i < groups; ++i) {
    if (i == zeros_at) {
      *at++ = '-';
      i += zeros - 1;
      if (i + 1 == groups)
        *at++ = '-';
      continue;
    }
    if (i != 0)
      *at++ = '-';
    at = std::to_chars(at, at + 4, group[i], 16).ptr;
  }
  return at;
}

} // namespace

std::string_view dashed(const kube::address& address, label_buffer& buffer) noexcept {
  static_assert(sizeof buffer.octets >= INET6_ADDRSTRLEN + 1);
  char* at = buffer.octets;
  if (!address.v6) {
    for (size_t i = 0; i < 4; ++i) {
      if (i != 0)
        *at++ = '-';
      at = std::to_chars(at, at + 3, address.octets[i]).ptr;
    }
    return {buffer.octets, static_cast<size_t>(at - buffer.octets)};
  }
  at = write_v6(address, buffer.octets);
  if (at[-1] == '-')
    *at++ = '0'; // a label must not end in a hyphen (RFC 1123 section 2.1)
  return {buffer.octets, static_cast<size_t>(at - buffer.octets)};
}

std::string_view endpoint_label(const slice_part& slice, const endpoint_entry& e, bool pod_names,
                                label_buffer& buffer) noexcept {
  if (e.hostname_octets != 0)
    return slice.hostname(e);
  if (pod_names && e.pod_octets != 0)
    return slice.pod(e);
  if (e.kind == endpoint_entry::family::fqdn)
    return dashed_target(slice, e, buffer);
  return dashed(slice.address(e), buffer);
}

} // namespace troupe::zone
