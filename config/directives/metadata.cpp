// SPDX-License-Identifier: Apache-2.0
#include "config/directives/metadata.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <utility>

namespace troupe::config {

failure parse_metadata(dispenser& in, setup& s) {
  metadata_options& options = s.block.own<metadata_options>("metadata");
  if (std::exchange(options.there, true))
    return in.argument_error();
  const auto words = in.arguments();
  options.zones = zone_index{words.empty() ? s.block.zones : named_zones(words)};
  if (in.next_property())
    return in.argument_error();
  return std::nullopt;
}

} // namespace troupe::config
