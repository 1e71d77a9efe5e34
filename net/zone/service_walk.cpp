// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_walk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::zone {

namespace {

kube::address address_of(const ipv4& octets) noexcept {
  kube::address out;
  std::ranges::copy(octets, out.octets.begin());
  return out;
}

} // namespace

void service_walk::begin(zone_record& out, dns::rrtype type) const noexcept {
  out.owner.clear();
  out.target.clear();
  out.type = type;
  out.ttl = type == dns::rrtype::a || type == dns::rrtype::aaaa ? address_ttl_ : options_.ttl;
}

void service_walk::begin_srv(zone_record& out, const port_record& port, size_t weight) const noexcept {
  begin(out, dns::rrtype::srv);
  out.weight = static_cast<uint16_t>(weight);
  out.port = port.number;
}

bool service_walk::own_address(zone_record& out) {
  const size_t v4 = records_.v4().size(), all = v4 + records_.v6().size(), at = address_++;
  if (at > all || (at == all && all != 0))
    return false;
  const dns::name_view alias = own_alias();
  if (all == 0 && alias.empty())
    return false;
  begin(out, all == 0 ? dns::rrtype::cname : at < v4 ? dns::rrtype::a : dns::rrtype::aaaa);
  out.owner = own_;
  if (all == 0)
    out.name = alias;
  else
    out.address = at < v4 ? address_of(records_.v4()[at]) : kube::address{records_.v6()[at - v4], true};
  return true;
}

dns::name_view service_walk::own_alias() const noexcept {
  if (records_.type() == kube::service::kind::headless && records_.v4().empty() && records_.v6().empty())
    for (const slice_part_ptr& s : records_.slices())
      for (const endpoint_entry& e : s->endpoints)
        if (!is_address(e))
          return s->target(e);
  return {};
}

bool service_walk::at_endpoint() noexcept {
  for (; slice_ < records_.slices().size(); ++slice_, entry_ = 0)
    if (entry_ < slice().endpoints.size())
      return true;
  return false;
}

label_string service_walk::name_of(const slice_part& slice, const endpoint_entry& e) const noexcept {
  label_buffer buffer;
  const std::string_view first = endpoint_label(slice, e, options_.endpoint_pod_names, buffer);
  label_string out;
  if (first.empty())
    return out;
  out.add(dotted{first});
  out.add(own_.view());
  return out;
}

uint32_t service_walk::number_of(const label_string& name) {
  const auto known = names_.add(name.view());
  if (known.is_new)
    named_.emplace_back();
  return known.number;
}

uint32_t service_walk::known_as() {
  if (!known_as_)
    known_as_ = number_of(name_of_endpoint());
  return *known_as_;
}

bool service_walk::survey() {
  if (surveyed_ == records_.slices().size())
    return false;
  const slice_part& s = *records_.slices()[surveyed_++];
  look(1 + 3 * s.endpoints.size());
  for (const endpoint_entry& e : s.endpoints) {
    named& its = named_[number_of(name_of(s, e))];
    its.rows += std::max<size_t>(1, s.ports.size()); // none named counts as one
    its.has_address |= is_address(e);
  }
  return true;
}

bool service_walk::endpoint_address(zone_record& out) {
  const label_string name = name_of_endpoint();
  look(2);
  if (name.view().empty())
    return false;
  if (is_address(entry())) {
    const kube::address address = slice().address(entry());
    if (!addresses_.insert({known_as(), address}).second)
      return false;
    begin(out, address.v6 ? dns::rrtype::aaaa : dns::rrtype::a);
    out.address = address;
  } else {
    named& its = named_[known_as()];
    if (std::exchange(its.alias_said, true) || its.has_address)
      return false;
    begin(out, dns::rrtype::cname);
    out.name = slice().target(entry());
  }
  out.owner = name;
  return true;
}

bool service_walk::is_new_port(const port_record& port, uint8_t owner) {
  constexpr int owner_bits = 2;
  look(1);
  const uint64_t number = owner == 1 ? ports_.add(port).number : port.number;
  const uint64_t key = (number << 32 | known_as()) << owner_bits | owner;
  constexpr size_t names_of_table = 64;
  const size_t at = known_as() / names_of_table;
  if (said_ports_.size() <= at)
    said_ports_.resize(at + 1);
  return said_ports_[at].insert(key).second;
}

bool service_walk::ports_are_known() {
  const slice_part* last = std::exchange(named_[known_as()].ports_of, &slice());
  return last && last->ports.shares(slice().ports);
}

label_set::place port_set::add(const port_record& port, uint16_t number) {
  std::vector<uint8_t> key{static_cast<uint8_t>(port.proto), static_cast<uint8_t>(number >> 8),
                           static_cast<uint8_t>(number)};
  key.insert(key.end(), port.name.begin(), port.name.end());
  return known_.add(key);
}

} // namespace troupe::zone
