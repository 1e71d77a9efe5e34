// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

/// What the server calls itself; without words its host name, which is asked for where the stage is made.
failure parse_nsid(dispenser& in, setup& s) {
  std::string& identifier = s.block.own<std::string>("nsid");
  for (const auto& word : in.arguments())
    identifier += (identifier.empty() ? "" : " ") + word;
  return std::nullopt;
}

} // namespace troupe::config
