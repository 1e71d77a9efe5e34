// SPDX-License-Identifier: Apache-2.0
#include "net/zone/external_cursor.hpp"

#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

size_t rows_of(const port_list& ports) noexcept {
  return std::max<size_t>(1, ports.size()); // none named counts as one
}

bool same_name(const port_record& a, const port_record& b) noexcept {
  return a.name == b.name && a.proto == b.proto;
}

} // namespace

external_cursor::external_cursor(const service_records& of, std::string_view namespace_, const options& how,
                                 dns::name_view zone)
  : service_walk(of, label_string{std::string_view{of.label()}, namespace_}, how, how.external->ttl), zone_(zone) {
  if (!of.service())
    return;
  if (const auto& outside = of.service()->outside) {
    is_alias_ = outside->addresses.empty() && !outside->names.empty() && !is_own_name(outside->names.front());
    at_ = part::outside;
  } else if (how.external->headless && of.type() == kube::service::kind::headless && !how.noendpoints) {
    is_alias_ = !own_alias().empty();
    all_rows_ = rows(nullptr);
    at_ = part::addresses;
  }
}

bool external_cursor::is_own_name(const dns::name& name) const noexcept {
  const dns::name_view own = own_.view();
  const auto lowered = name.lowered();
  const dns::name_view all = lowered.wire();
  return all.size() == own.size() + zone_.size() && std::ranges::equal(all.first(own.size()), own) &&
         std::ranges::equal(all.subspan(own.size()), zone_);
}

bool external_cursor::next(zone_record& out) {
  for (;;) {
    switch (at_) {
    case part::outside:
      if (next_outside(out))
        return true;
      at_ = part::outside_ports;
      index_ = 0;
      break;
    case part::outside_ports:
      if (next_outside_port(out))
        return true;
      at_ = part::end;
      break;
    case part::addresses:
      if (own_address(out))
        return true;
      at_ = part::endpoints;
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

bool external_cursor::next_outside(zone_record& out) {
  const external_part& outside = *of_.service()->outside;
  if (is_alias_) {
    if (index_++ != 0)
      return false;
    begin(out, dns::rrtype::cname);
    out.owner = own_;
    out.name = outside.names.front().wire();
    return true;
  }
  for (const auto& all = outside.addresses; index_ < all.size();) {
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(index_++);
    if (std::find(all.begin(), at, *at) != at)
      continue;
    begin(out, at->v6 ? dns::rrtype::aaaa : dns::rrtype::a);
    out.owner = own_;
    out.address = *at;
    return true;
  }
  return false;
}

/// Each port twice, for the service's name and for its own; of each an SRV for the service itself and for each name.
bool external_cursor::next_outside_port(zone_record& out) {
  const auto& ports = of_.service()->ports;
  const size_t targets = 1 + of_.service()->outside->names.size();
  while (index_ < 2 * targets * ports.size()) {
    const size_t at = index_++;
    if (outside_srv(out, &ports[at / targets / 2], at / targets % 2 == 1, at % targets))
      return true;
  }
  return false;
}

/// `target`: 0 the service, then its names.
bool external_cursor::outside_srv(zone_record& out, const port_record* port, bool own_name, size_t target) {
  const auto& ports = of_.service()->ports;
  const external_part& outside = *of_.service()->outside;
  const auto& names = outside.names;
  const bool said = std::any_of(ports.begin(), port, [&](const port_record& p) {
    return p.number == port->number && (!own_name || same_name(p, *port));
  });
  if (said || port->number == 0 || (own_name ? !has_own_name(*port) : is_alias_))
    return false;
  const dns::name* name = target == 0 ? nullptr : &names[target - 1];
  if (name ? std::find(names.data(), name, *name) != name : outside.addresses.empty())
    return false;
  const auto matching = own_name
                          ? std::ranges::count_if(ports, [&](const port_record& p) { return same_name(p, *port); })
                          : static_cast<std::ptrdiff_t>(rows_of(ports));
  begin_srv(out, *port, weight_of((outside.addresses.size() + names.size()) * static_cast<size_t>(matching)));
  if (own_name)
    out.owner.add_port(port->name, text_of(port->proto));
  out.owner.add(own_.view());
  if (name)
    out.name = name->wire();
  else
    out.target = own_;
  return true;
}

bool external_cursor::next_of_endpoint(zone_record& out) {
  for (; at_endpoint(); next_endpoint(), step_ = 0) {
    if (step_ == 0 && ++step_ && endpoint_address(out))
      return true;
    while (step_ <= 3 * slice().ports.size()) {
      const size_t at = step_++ - 1;
      if (endpoint_srv(out, slice().ports[at / 3], at % 3))
        return true;
    }
  }
  return false;
}

/// `owner`: 0 the service's name, 1 the port's, 2 the endpoint's.
bool external_cursor::endpoint_srv(zone_record& out, const port_record& port, size_t owner) {
  const label_string name = name_of_endpoint();
  if (port.number == 0 || name.view().empty() || !is_address(entry()))
    return false;
  if ((owner == 0 && is_alias_) || (owner == 1 && !has_own_name(port)))
    return false;
  const auto& ports = slice().ports;
  const auto says_it = [&](const port_record& p) {
    return p.number == port.number && (owner != 1 || same_name(p, port));
  };
  if (std::any_of(ports.begin(), &port, says_it) ||
      said_before([&](auto& in, auto& other) { return is_address(other) && std::ranges::any_of(in.ports, says_it); }))
    return false;
  size_t among = owner == 0 ? all_rows_ : owner == 1 ? rows(&port) : 0;
  if (owner == 2)
    for (endpoint_ref at : of_same_name())
      among += rows_of(of_.slice(at).ports);
  begin_srv(out, port, weight_of(among));
  if (owner == 1)
    out.owner.add_port(port.name, text_of(port.proto));
  out.owner.add(owner == 2 ? name.view() : own_.view());
  out.target = name;
  return true;
}

/// Endpoints times ports; `port`: times those of its name and protocol.
size_t external_cursor::rows(const port_record* port) const noexcept {
  size_t out = 0;
  for (const slice_part_ptr& s : of_.slices())
    out += s->endpoints.size() *
           (port ? static_cast<size_t>(std::ranges::count_if(s->ports, [&](auto& p) { return same_name(p, *port); }))
                 : rows_of(s->ports));
  return out;
}

} // namespace troupe::zone
