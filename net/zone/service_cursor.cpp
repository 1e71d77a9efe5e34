// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_cursor.hpp"

#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

constexpr uint16_t cluster_weight = 100; // CoreDNS's, whatever the number of ports

} // namespace

service_cursor::service_cursor(const service_records& of, std::string_view namespace_, const options& how,
                               bool imported)
  : service_walk(of, label_string{std::string_view{of.label()}, namespace_, std::string_view{"svc"}}, how, how.ttl) {
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
      if (own_address(out))
        return true;
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

bool service_cursor::next_alias(zone_record& out) {
  if (!of_.service()->external)
    return false;
  begin(out, dns::rrtype::cname);
  out.owner = own_;
  out.name = of_.service()->external->wire();
  return true;
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
    begin_srv(out, port, cluster_weight);
    if (own_name)
      out.owner.add_port(port.name, text_of(port.proto));
    out.owner.add(own_.view());
    out.target = own_;
    return true;
  }
  return false;
}

bool service_cursor::next_of_endpoint(zone_record& out) {
  for (; at_endpoint(); next_endpoint(), step_ = 0) {
    if (step_ == 0 && ++step_ && endpoint_address(out))
      return true;
    while (step_ <= slice().ports.size())
      if (endpoint_srv(out, slice().ports[step_++ - 1]))
        return true;
  }
  return false;
}

bool service_cursor::endpoint_srv(zone_record& out, const port_record& port) {
  const auto has_port = [&](const slice_part& s, const endpoint_entry& other) {
    return is_address(other) && std::ranges::find(s.ports, port) != s.ports.end();
  };
  const label_string name = name_of_endpoint();
  if (!is_address(entry()) || port.number == 0 || !has_own_name(port) || name.view().empty() || said_before(has_port))
    return false;
  begin_srv(out, port, weight_of(slice().endpoints.size()));
  out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(own_.view());
  out.target = name;
  return true;
}

} // namespace troupe::zone
