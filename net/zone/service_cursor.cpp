// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_cursor.hpp"

#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

constexpr uint16_t cluster_weight = 100; // CoreDNS's, whatever the number of ports

} // namespace

service_cursor::service_cursor(const service_records& records, std::string_view namespace_, const options& options,
                               bool imported)
  : service_walk(records, label_string{std::string_view{records.label()}, namespace_, std::string_view{"svc"}}, options,
                 options.ttl) {
  if (!records.service())
    return;
  const bool empty =
    (options.noendpoints && !imported) || !records.has_endpoints(); // `noendpoints` is about this cluster's own
  switch (records.type()) {
  case kube::service::kind::external_name:
    at_ = part::alias;
    break;
  case kube::service::kind::cluster_ip:
    at_ = options.ignore_empty_service && empty ? part::end : part::addresses;
    break;
  case kube::service::kind::headless:
    at_ = empty ? part::end : part::addresses;
    break;
  }
}

zone_records::step service_cursor::next(zone_record& out) {
  using enum zone_records::step;
  for (;;) {
    if (is_tired())
      return working;
    switch (at_) {
    case part::alias:
      at_ = part::end;
      return next_alias(out) ? record : end;
    case part::addresses:
      if (own_address(out))
        return record;
      at_ = records_.type() == kube::service::kind::headless ? part::survey : part::ports;
      break;
    case part::survey: // only names may be hidden by addresses
      if (!records_.has_targets() || !survey())
        at_ = part::endpoints;
      break;
    case part::ports:
      if (index_ == 2 * records_.service()->ports.size() || records_.service()->cluster_ips.empty())
        at_ = part::end;
      else if (next_port(out))
        return record;
      break;
    case part::endpoints:
      if (!at_endpoint())
        at_ = part::end;
      else if (next_of_endpoint(out))
        return record;
      break;
    case part::end:
      return end;
    }
  }
}

bool service_cursor::next_alias(zone_record& out) {
  if (!records_.service()->external)
    return false;
  begin(out, dns::rrtype::cname);
  out.owner = own_;
  out.name = records_.service()->external->wire();
  return true;
}

/// SRV at the service's name for a port number, or at the port's name if it has one.
bool service_cursor::next_port(zone_record& out) {
  const bool own_name = index_ % 2 == 1;
  const port_record& port = records_.service()->ports[index_++ / 2];
  look(1);
  if (own_name ? !has_own_name(port) || !own_ports_.add(port).is_new : !numbers_.add(port.number))
    return false;
  begin_srv(out, port, cluster_weight);
  if (own_name)
    out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(own_.view());
  out.target = own_;
  return true;
}

/// What the endpoint at hand has to say next; false: nothing, and the next step is at hand.
bool service_cursor::next_of_endpoint(zone_record& out) {
  const size_t step = step_++;
  if (step == 0)
    return endpoint_address(out);
  const auto& ports = slice().ports;
  const bool over = step > ports.size() || !is_address(entry()) || name_of_endpoint().view().empty() ||
                    (step == 1 && ports_are_known());
  if (!over)
    return endpoint_srv(out, ports[step - 1]);
  next_endpoint();
  step_ = 0;
  return false;
}

bool service_cursor::endpoint_srv(zone_record& out, const port_record& port) {
  if (port.number == 0 || !has_own_name(port) || !is_new_port(port, 1))
    return false;
  begin_srv(out, port, weight_of(slice().endpoints.size()));
  out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(own_.view());
  out.target = name_of_endpoint();
  return true;
}

} // namespace troupe::zone
