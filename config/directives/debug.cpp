// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_debug(dispenser& in, setup&) {
  return in.no_more_on_line();
}

} // namespace troupe::config
