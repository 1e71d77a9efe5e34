// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_loadbalance(dispenser& in, setup& s) {
  const auto args = in.arguments();
  if (!args.empty() && args[0] == "weighted")
    return in.not_yet("policy 'weighted' of 'loadbalance'");
  if (!args.empty() && args[0] != "round_robin")
    return in.error("unknown policy: " + args[0]);
  if (args.size() > 1)
    return in.error("unknown property for " + args[0]);
  while (in.next_property()) {
    if (in.word() == "prefer")
      return in.not_yet("option 'prefer' of 'loadbalance'");
    return in.unknown_property();
  }
  s.block.loadbalance.emplace();
  return std::nullopt;
}

} // namespace troupe::config
