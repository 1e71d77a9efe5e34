// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_view.hpp"

#include "net/zone/coredns_compat.hpp"

#include <algorithm>

namespace troupe::zone {

bool service_view::exists() const {
  if (is_external())
    return alias() != nullptr;
  if (q_.front == question::topology_zone)
    return true; // whatever the zone holds just now
  const auto& ports = records_.service()->ports;
  if (!from_endpoints()) {
    const bool any_meant = q_.front == 0 || this->ports().count(ports) != 0;
    return any_meant && !(q_.imported && ports.empty()); // CoreDNS denies an import without ports
  }
  if (q_.front == 0)
    return !no_endpoints() && records_.has_endpoints();
  return has_any();
}

bool service_view::implied() const {
  if (is_external() || !from_endpoints() || q_.front == 0 || q_.front == question::topology_zone)
    return false;
  return above_zones() || (q_.front == 1 && !coredns_compat::denies_names_above_ports && above_ports());
}

bool service_view::above_zones() const noexcept {
  if (!options_.zonal || q_.imported || coredns_compat::denies_names_above_zones ||
      records_.type() != kube::service::kind::headless)
    return false;
  const std::string_view first = q_.label(0);
  if (q_.front == 1)
    return first == "_zone";
  return q_.front == 2 && (first == "pin" || first == "prefer") && q_.label(1 + first.size()) == "_zone";
}

bool service_view::above_ports() const noexcept {
  const port_filter above{{}, q_.protocol_above()};
  if (records_.type() != kube::service::kind::headless)
    return above.count(records_.service()->ports) != 0;
  return !no_endpoints() && std::ranges::any_of(records_.slices(), [&](const slice_part_ptr& s) {
    return work_.spend(1 + s->ports.size() / compared_at_a_look) && !s->endpoints.empty() && above.count(s->ports) != 0;
  });
}

bool service_view::has_any() const {
  if (!has_any_) {
    has_any_ = false;
    visit(any_family, [&](endpoint_ref at) {
      has_any_ = true;
      begins_in_ = at.slice;
      return false;
    });
  }
  return *has_any_;
}

size_t service_view::count_rows() const {
  size_t rows = 0;
  const port_filter wanted = ports();
  if (has_any())
    visit(any_address, [&](endpoint_ref at) {
      rows += wanted.count(records_.slice(at).ports);
      return rows < enough_rows;
    });
  return rows;
}

uint16_t service_view::zone_in(const slice_part& slice) const noexcept {
  if (!slice.extras)
    return 0;
  const auto& zones = slice.extras->zones;
  work_.spend(zones.size() / compared_at_a_look + slice.extras->zone_of.size() / compared_at_a_look);
  const auto found = std::ranges::find_if(zones, [&](const std::string& z) { return q_.asks_for_zone(z); });
  return found == zones.end() ? uint16_t{0} : static_cast<uint16_t>(found - zones.begin() + 1);
}

bool service_view::is_zone_empty() const noexcept {
  return std::ranges::none_of(records_.slices(), [&](const slice_part_ptr& s) { return zone_in(*s) != 0; });
}

} // namespace troupe::zone
