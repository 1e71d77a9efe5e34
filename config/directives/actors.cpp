// SPDX-License-Identifier: Apache-2.0
#include "config/directives/http_address.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_actors(dispenser& in, setup& s) {
  actors_options options;
  if (auto bad = parse_optional_address(in, s, options))
    return bad;
  if (in.next_property())
    return in.unknown_property();
  s.block.actors = options;
  return std::nullopt;
}

} // namespace troupe::config
