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
  if (!from_endpoints())
    return matching(records_.service()->ports) != 0;
  if (q_.front == 0)
    return !how_.noendpoints && records_.has_endpoints();
  if (!endpoints().empty())
    return true;
  return q_.front == 1 && !choice::denies_names_above_ports && above_ports();
}

bool service_view::above_ports() const noexcept {
  const std::string_view protocol = q_.protocol_above();
  if (records_.type() != kube::service::kind::headless)
    return count_matching(records_.service()->ports, {}, protocol) != 0;
  return !how_.noendpoints && std::ranges::any_of(records_.slices(), [&](const slice_part_ptr& s) {
    return !s->endpoints.empty() && count_matching(s->ports, {}, protocol) != 0;
  });
}

size_t service_view::matching(std::span<const port_record> ports) const noexcept {
  return count_matching(ports, q_.port(), q_.protocol());
}

std::vector<endpoint_ref> service_view::endpoints() const {
  if (how_.noendpoints)
    return {};
  if (q_.front == 1)
    return records_.find_endpoints(q_.endpoint(), how_.endpoint_pod_names);
  std::vector<endpoint_ref> all;
  all.reserve(records_.endpoint_count());
  const auto& slices = records_.slices();
  for (size_t s = 0; s < slices.size(); ++s)
    if (matching(slices[s]->ports) != 0)
      for (size_t i = 0; i < slices[s]->endpoints.size(); ++i)
        all.push_back({static_cast<uint16_t>(s), static_cast<uint16_t>(i)});
  return all;
}

} // namespace troupe::zone
