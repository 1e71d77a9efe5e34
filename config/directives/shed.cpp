// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

/// What it asks for is always so here: each socket has a bound of its own on what is in flight, beyond which the newest
/// questions are answered and older ones let go (`net/endpoint`).
failure parse_shed(dispenser& in, setup&) {
  return in.no_more_on_line();
}

} // namespace troupe::config
