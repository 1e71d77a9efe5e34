// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_view.hpp"

#include "net/zone/choices.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

size_t count_matching(std::span<const port_record> ports, std::string_view name, std::string_view protocol) noexcept {
  if (ports.empty())
    return name.empty() && protocol.empty() ? 1 : 0;
  return static_cast<size_t>(
    std::ranges::count_if(ports, [&](const port_record& p) { return port_matches(p, name, protocol); }));
}

} // namespace

bool service_view::exists() const {
  if (is_external())
    return alias() != nullptr;
  if (q_.front == question::topology_zone)
    return true; // whatever the zone holds just now
  const auto& ports = records_.service()->ports;
  if (!from_endpoints())
    return matching(ports) != 0 && !(q_.imported && ports.empty()); // CoreDNS denies an import without ports
  if (q_.front == 0)
    return !no_endpoints() && records_.has_endpoints();
  if (!endpoints().empty() || above_zones())
    return true;
  return q_.front == 1 && !choice::denies_names_above_ports && above_ports();
}

bool service_view::above_zones() const noexcept {
  if (!how_.zonal || q_.imported || choice::denies_names_above_zones ||
      records_.type() != kube::service::kind::headless)
    return false;
  const std::string_view first = q_.label(0);
  if (q_.front == 1)
    return first == "_zone";
  return q_.front == 2 && (first == "pin" || first == "prefer") && q_.label(1 + first.size()) == "_zone";
}

bool service_view::above_ports() const noexcept {
  const std::string_view protocol = q_.protocol_above();
  if (records_.type() != kube::service::kind::headless)
    return count_matching(records_.service()->ports, {}, protocol) != 0;
  return !no_endpoints() && std::ranges::any_of(records_.slices(), [&](const slice_part_ptr& s) {
    return !s->endpoints.empty() && count_matching(s->ports, {}, protocol) != 0;
  });
}

size_t service_view::matching(std::span<const port_record> ports) const noexcept {
  return count_matching(ports, q_.port(), q_.protocol());
}

std::vector<endpoint_ref> service_view::endpoints() const {
  if (no_endpoints())
    return {};
  if (names_endpoint()) {
    auto found = records_.find_endpoints(q_.endpoint(), how_.endpoint_pod_names);
    if (q_.imported)
      std::erase_if(found, [&](endpoint_ref r) { return records_.slice(r).cluster() != q_.cluster(); });
    return found;
  }
  if (q_.front == question::topology_zone) {
    auto found = in_topology_zone(false);
    return found.empty() && q_.prefers() ? in_topology_zone(true) : found;
  }
  std::vector<endpoint_ref> all;
  all.reserve(records_.endpoint_count());
  const auto& slices = records_.slices();
  for (size_t s = 0; s < slices.size(); ++s)
    if (matching(slices[s]->ports) != 0)
      for (size_t i = 0; i < slices[s]->endpoints.size(); ++i)
        all.push_back({static_cast<uint16_t>(s), static_cast<uint16_t>(i)});
  return all;
}

std::vector<endpoint_ref> service_view::in_topology_zone(bool any) const {
  std::vector<endpoint_ref> found;
  const auto& slices = records_.slices();
  for (size_t s = 0; s < slices.size(); ++s)
    for (size_t i = 0; i < slices[s]->endpoints.size(); ++i)
      if (any || q_.asks_for_zone(slices[s]->zone(i)))
        found.push_back({static_cast<uint16_t>(s), static_cast<uint16_t>(i)});
  return found;
}

} // namespace troupe::zone
