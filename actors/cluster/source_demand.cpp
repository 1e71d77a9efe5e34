// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/source_demand.hpp"

namespace troupe {

std::vector<std::pair<std::string, source_demand>> demands_of(const config::plan& plan) {
  std::vector<std::pair<std::string, source_demand>> out;
  for (auto& block : plan.blocks) {
    if (!block.kubernetes)
      continue;
    const auto& options = *block.kubernetes;
    const std::string identity = options.identity();
    auto found = std::find_if(out.begin(), out.end(), [&](auto& entry) { return entry.first == identity; });
    if (found == out.end())
      found = out.insert(out.end(), {identity, source_demand{options}});
    found->second.add_limits(options);
    found->second.keep.add({.endpoints = options.endpoints,
                            .pod_names = options.endpoint_pod_names,
                            .zones = options.zonal,
                            .external = block.k8s_external.has_value(),
                            .pods = options.pods == config::pod_mode::verified,
                            .imports = !options.multicluster.empty(),
                            .labels = options.pods == config::pod_mode::verified && block.uses.contains("metadata")});
  }
  return out;
}

} // namespace troupe
