// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_cursor.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

constexpr uint16_t cluster_weight = 100; // CoreDNS's, whatever the number of ports

std::string_view text_of(port_record::protocol p) noexcept {
  constexpr std::string_view names[] = {"", "tcp", "udp", "sctp"};
  return names[static_cast<size_t>(p)];
}

bool has_own_name(const port_record& port) noexcept {
  return !port.name.empty() && port.proto != port_record::protocol::none;
}

bool is_address(const endpoint_entry& e) noexcept {
  return e.kind != endpoint_entry::family::fqdn;
}

kube::address address_of(const ipv4& octets) noexcept {
  kube::address out;
  std::ranges::copy(octets, out.octets.begin());
  return out;
}

} // namespace

service_cursor::service_cursor(const service_records& of, std::string_view namespace_, const options& how,
                               bool imported)
  : of_(of), namespace_(namespace_), how_(how) {
  if (!of.service())
    return;
  const bool empty = (how.noendpoints && !imported) || !of.has_endpoints(); // `noendpoints` is about this cluster's own
  switch (of.type()) {
  case kube::service::kind::external_name:
    at_ = part::alias;
    break;
  case kube::service::kind::cluster_ip:
    at_ = how.ignore_empty_service && empty ? part::end : part::addresses;
    break;
  case kube::service::kind::headless:
    at_ = empty ? part::end : part::addresses;
    break;
  }
}

bool service_cursor::next(zone_record& out) {
  for (;;) {
    switch (at_) {
    case part::alias:
      at_ = part::end;
      return next_alias(out);
    case part::addresses:
      if (next_address(out))
        return true;
      index_ = 0;
      at_ = of_.type() == kube::service::kind::headless ? part::endpoints : part::ports;
      break;
    case part::ports:
      if (next_port(out))
        return true;
      at_ = part::end;
      break;
    case part::endpoints:
      if (next_of_endpoint(out))
        return true;
      at_ = part::end;
      break;
    case part::end:
      return false;
    }
  }
}

void service_cursor::begin(zone_record& out, dns::rrtype type) const noexcept {
  out.owner.clear();
  out.type = type;
  out.ttl = how_.ttl;
}

bool service_cursor::next_alias(zone_record& out) {
  if (!of_.service()->external)
    return false;
  begin(out, dns::rrtype::cname);
  out.owner = label_string{std::string_view{of_.label()}, namespace_, std::string_view{"svc"}};
  out.name = of_.service()->external->wire();
  return true;
}

/// What the service's own name means; names of an FQDN slice stand there only if there is no address, and then one
/// alone (RFC 2181 section 10.1).
bool service_cursor::next_address(zone_record& out) {
  const size_t v4 = of_.v4().size(), all = v4 + of_.v6().size(), at = index_++;
  if (at > all || (at == all && all != 0))
    return false;
  const dns::name_view target = all == 0 ? first_target() : dns::name_view{};
  if (all == 0 && target.empty())
    return false;
  begin(out, all == 0 ? dns::rrtype::cname : at < v4 ? dns::rrtype::a : dns::rrtype::aaaa);
  out.owner = label_string{std::string_view{of_.label()}, namespace_, std::string_view{"svc"}};
  if (all == 0)
    out.name = target;
  else
    out.address = at < v4 ? address_of(of_.v4()[at]) : kube::address{of_.v6()[at - v4], true};
  return true;
}

const dns::name_view service_cursor::first_target() const noexcept {
  if (of_.type() == kube::service::kind::headless)
    for (const slice_part_ptr& s : of_.slices())
      for (const endpoint_entry& e : s->endpoints)
        if (!is_address(e))
          return s->target(e);
  return {};
}

/// SRV at the service's name for each port number, and at the port's name if it has one.
bool service_cursor::next_port(zone_record& out) {
  const auto& ports = of_.service()->ports;
  if (of_.service()->cluster_ips.empty())
    return false;
  while (index_ < 2 * ports.size()) {
    const size_t at = index_++ / 2;
    const bool own_name = index_ % 2 == 0;
    const port_record& port = ports[at];
    const bool again = std::any_of(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(at),
                                   [&](auto& p) { return own_name ? p == port : p.number == port.number; });
    if (again || (own_name && !has_own_name(port)))
      continue;
    begin(out, dns::rrtype::srv);
    out.target = label_string{std::string_view{of_.label()}, namespace_, std::string_view{"svc"}};
    if (own_name) {
      out.owner.add_underscored(port.name);
      out.owner.add_underscored(text_of(port.proto));
    }
    out.owner.add(out.target.view());
    out.weight = cluster_weight;
    out.port = port.number;
    return true;
  }
  return false;
}

bool service_cursor::next_of_endpoint(zone_record& out) {
  for (; slice_ < of_.slices().size(); ++slice_, entry_ = 0) {
    const slice_part& slice = *of_.slices()[slice_];
    for (; entry_ < slice.endpoints.size(); ++entry_, step_ = 0) {
      if (step_ == 0 && ++step_ && endpoint_address(out))
        return true;
      while (step_ <= slice.ports.size())
        if (endpoint_srv(out, slice.ports[step_++ - 1]))
          return true;
    }
  }
  return false;
}

/// True if an endpoint before the one at hand has this label, and `same(slice, entry)` says so of it.
template <class Same>
bool service_cursor::said_before(std::string_view label, Same&& same) const {
  const auto named = of_.find_endpoints(label, how_.endpoint_pod_names);
  return std::ranges::any_of(named, [&](endpoint_ref at) {
    const bool before = at.slice < slice_ || (at.slice == slice_ && at.entry < entry_);
    return before && same(of_.slice(at), of_.entry(at));
  });
}

bool service_cursor::endpoint_address(zone_record& out) {
  const slice_part& slice = *of_.slices()[slice_];
  const endpoint_entry& e = slice.endpoints[entry_];
  label_buffer buffer;
  const std::string_view label = endpoint_label(slice, e, how_.endpoint_pod_names, buffer);
  if (label.empty())
    return false;
  if (is_address(e)) {
    const kube::address address = slice.address(e);
    if (said_before(label, [&](auto& in, auto& other) { return is_address(other) && in.address(other) == address; }))
      return false;
    out.address = address;
    begin(out, out.address.v6 ? dns::rrtype::aaaa : dns::rrtype::a);
  } else {
    const auto named = of_.find_endpoints(label, how_.endpoint_pod_names);
    const bool has_address = std::ranges::any_of(named, [&](endpoint_ref at) { return is_address(of_.entry(at)); });
    if (has_address || said_before(label, [](auto&, auto&) { return true; }))
      return false;
    out.name = slice.target(e);
    begin(out, dns::rrtype::cname);
  }
  out.owner = label_string{label, std::string_view{of_.label()}, namespace_, std::string_view{"svc"}};
  return true;
}

bool service_cursor::endpoint_srv(zone_record& out, const port_record& port) {
  const slice_part& slice = *of_.slices()[slice_];
  const endpoint_entry& e = slice.endpoints[entry_];
  if (!is_address(e) || port.number == 0 || !has_own_name(port))
    return false;
  label_buffer buffer;
  const std::string_view label = endpoint_label(slice, e, how_.endpoint_pod_names, buffer);
  const auto has_port = [&](const slice_part& s, const endpoint_entry& other) {
    return is_address(other) && std::ranges::find(s.ports, port) != s.ports.end();
  };
  if (label.empty() || said_before(label, has_port))
    return false;
  begin(out, dns::rrtype::srv);
  out.owner.add_underscored(port.name);
  out.owner.add_underscored(text_of(port.proto));
  out.target = label_string{label, std::string_view{of_.label()}, namespace_, std::string_view{"svc"}};
  out.owner.add(label_string{std::string_view{of_.label()}, namespace_, std::string_view{"svc"}}.view());
  out.weight = static_cast<uint16_t>(std::max<size_t>(1, 100 / slice.endpoints.size()));
  out.port = port.number;
  return true;
}

} // namespace troupe::zone
