// SPDX-License-Identifier: Apache-2.0
#include "net/zone/external_cursor.hpp"

#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

size_t rows_of(const port_list& ports) noexcept {
  return std::max<size_t>(1, ports.size()); // none named counts as one
}

} // namespace

external_cursor::external_cursor(const service_records& records, std::string_view namespace_, const options& options,
                                 dns::name_view zone)
  : service_walk(records, label_string{std::string_view{records.label()}, namespace_}, options, options.external->ttl),
    zone_(zone) {
  if (!records.service())
    return;
  if (const auto& outside = records.service()->outside) {
    is_alias_ = outside->addresses.empty() && !outside->names.empty() && !is_own_name(outside->names.front());
    at_ = part::outside;
    count_ports(records.service()->ports, 1);
  } else if (options.external->headless && records.type() == kube::service::kind::headless && !options.noendpoints) {
    is_alias_ = !own_alias().empty();
    at_ = part::counting;
  }
}

bool external_cursor::is_own_name(const dns::name& name) const noexcept {
  const dns::name_view own = own_.view();
  const auto lowered = name.lowered();
  const dns::name_view all = lowered.wire();
  return all.size() == own.size() + zone_.size() && std::ranges::equal(all.first(own.size()), own) &&
         std::ranges::equal(all.subspan(own.size()), zone_);
}

zone_records::step external_cursor::next(zone_record& out) {
  using enum zone_records::step;
  for (;;) {
    if (is_tired())
      return working;
    switch (at_) {
    case part::outside:
      if (next_outside(out))
        return record;
      at_ = part::outside_ports;
      index_ = 0;
      break;
    case part::outside_ports:
      if (index_ == 2 * targets() * records_.service()->ports.size())
        at_ = part::end;
      else if (next_outside_port(out))
        return record;
      break;
    case part::counting:
      if (index_ == records_.slices().size()) {
        at_ = part::addresses;
      } else {
        const slice_part& s = *records_.slices()[index_++];
        count_ports(s.ports, s.endpoints.size());
        survey();
      }
      break;
    case part::addresses:
      if (own_address(out))
        return record;
      at_ = part::endpoints;
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

bool external_cursor::next_outside(zone_record& out) {
  const external_part& outside = *records_.service()->outside;
  if (is_alias_) {
    if (index_++ != 0)
      return false;
    begin(out, dns::rrtype::cname);
    out.owner = own_;
    out.name = outside.names.front().wire();
    return true;
  }
  if (index_ == outside.addresses.size())
    return false;
  const kube::address& address = outside.addresses[index_++];
  begin(out, address.v6 ? dns::rrtype::aaaa : dns::rrtype::a);
  out.owner = own_;
  out.address = address;
  return true;
}

size_t external_cursor::targets() const noexcept {
  return 1 + records_.service()->outside->names.size();
}

/// Each port twice, for the service's name and for its own; of each an SRV for the service itself and for each name.
bool external_cursor::next_outside_port(zone_record& out) {
  const size_t at = index_++;
  const port_record& port = records_.service()->ports[at / targets() / 2];
  const bool own_name = at / targets() % 2 == 1;
  const size_t target = at % targets();
  look(1);
  if (target == 0)
    is_new_ = own_name ? own_ports_.add(port).is_new : numbers_.add(port.number);
  if (!is_new_ || port.number == 0 || (own_name ? !has_own_name(port) : is_alias_)) {
    index_ += targets() - 1 - target; // nor is there one for the others
    return false;
  }
  const external_part& outside = *records_.service()->outside;
  if (target == 0 && outside.addresses.empty())
    return false;
  const size_t rows = own_name ? rows_of_port(port) : rows_of(records_.service()->ports);
  begin_srv(out, port, weight_of(outside.targets * rows));
  if (own_name)
    out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(own_.view());
  if (target == 0)
    out.target = own_;
  else
    out.name = outside.names[target - 1].wire();
  return true;
}

/// What the endpoint at hand has to say next; false: nothing, and the next step is at hand.
bool external_cursor::next_of_endpoint(zone_record& out) {
  const size_t step = step_++;
  if (step == 0)
    return endpoint_address(out);
  const auto& ports = slice().ports;
  const bool over = step > 3 * ports.size() || !is_address(entry()) || name_of_endpoint().view().empty() ||
                    (step == 1 && ports_are_known());
  if (!over)
    return endpoint_srv(out, ports[(step - 1) / 3], static_cast<uint8_t>((step - 1) % 3));
  next_endpoint();
  step_ = 0;
  return false;
}

/// `owner`: 0 the service's name, 1 the port's, 2 the endpoint's.
bool external_cursor::endpoint_srv(zone_record& out, const port_record& port, uint8_t owner) {
  if (port.number == 0 || (owner == 0 && is_alias_) || (owner == 1 && !has_own_name(port)) || !is_new_port(port, owner))
    return false;
  const label_string name = name_of_endpoint();
  begin_srv(out, port, weight_of(owner == 0 ? all_rows_ : owner == 1 ? rows_of_port(port) : rows_of_name()));
  if (owner == 1)
    out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(owner == 2 ? name.view() : own_.view());
  out.target = name;
  return true;
}

/// Notes that so many endpoints have these ports.
void external_cursor::count_ports(const port_list& ports, size_t endpoints) {
  look(1 + ports.size());
  all_rows_ += endpoints * rows_of(ports);
  for (const port_record& port : ports) {
    const auto known = port_names_.add_name(port);
    if (known.is_new)
      named_.push_back(0);
    named_[known.number] += endpoints;
  }
}

size_t external_cursor::rows_of_port(const port_record& port) {
  return named_[port_names_.add_name(port).number];
}

} // namespace troupe::zone
