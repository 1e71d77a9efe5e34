// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_whoami(dispenser& in, setup&) {
  if (in.argument())
    return in.argument_error();
  return std::nullopt;
}

} // namespace troupe::config
