// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_loop(dispenser& in, setup& s) {
  loop_options options{in.at()};
  if (in.argument())
    return in.argument_error();
  s.block.loop = options;
  return std::nullopt;
}

} // namespace troupe::config
