// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_walk.hpp"

#include <algorithm>

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
  out.ttl = type == dns::rrtype::a || type == dns::rrtype::aaaa ? address_ttl_ : how_.ttl;
}

void service_walk::begin_srv(zone_record& out, const port_record& port, size_t weight) const noexcept {
  begin(out, dns::rrtype::srv);
  out.weight = static_cast<uint16_t>(weight);
  out.port = port.number;
}

bool service_walk::own_address(zone_record& out) {
  const size_t v4 = of_.v4().size(), all = v4 + of_.v6().size(), at = address_++;
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
    out.address = at < v4 ? address_of(of_.v4()[at]) : kube::address{of_.v6()[at - v4], true};
  return true;
}

dns::name_view service_walk::own_alias() const noexcept {
  if (of_.type() == kube::service::kind::headless && of_.v4().empty() && of_.v6().empty())
    for (const slice_part_ptr& s : of_.slices())
      for (const endpoint_entry& e : s->endpoints)
        if (!is_address(e))
          return s->target(e);
  return {};
}

bool service_walk::at_endpoint() noexcept {
  for (; slice_ < of_.slices().size(); ++slice_, entry_ = 0)
    if (entry_ < slice().endpoints.size())
      return true;
  return false;
}

label_string service_walk::name_of_endpoint() const noexcept {
  label_buffer buffer;
  const std::string_view first = label(buffer);
  label_string out;
  if (first.empty())
    return out;
  out.add(first);
  out.add(own_.view());
  return out;
}

std::vector<endpoint_ref> service_walk::of_same_name() const {
  label_buffer buffer;
  return of_.find_endpoints(label(buffer), how_.endpoint_pod_names);
}

bool service_walk::is_alias_endpoint() const {
  return !is_address(entry()) &&
         std::ranges::none_of(of_same_name(), [&](endpoint_ref at) { return is_address(of_.entry(at)); });
}

bool service_walk::endpoint_address(zone_record& out) const {
  const label_string name = name_of_endpoint();
  if (name.view().empty())
    return false;
  if (is_address(entry())) {
    const kube::address address = slice().address(entry());
    if (said_before([&](auto& in, auto& other) { return is_address(other) && in.address(other) == address; }))
      return false;
    begin(out, address.v6 ? dns::rrtype::aaaa : dns::rrtype::a);
    out.address = address;
  } else {
    if (!is_alias_endpoint() || said_before([](auto&, auto&) { return true; }))
      return false;
    begin(out, dns::rrtype::cname);
    out.name = slice().target(entry());
  }
  out.owner = name;
  return true;
}

} // namespace troupe::zone
