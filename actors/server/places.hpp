// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/plan.hpp"

#include <string>
#include <vector>

namespace troupe {

/// An address that a plan wants served.
struct listening_place {
  const config::listener_plan* listener;
  std::string host; ///< numeric, never empty
  std::string key() const { return host + " " + std::to_string(listener->port); }
};

/// Where a plan listens. As in Go, an unspecified address (`0.0.0.0`, `::`) is both families, where the machine has
/// them; but if two listeners of a port name one each, each has its own.
std::vector<listening_place> places_of(const config::plan& plan, bool has_ipv6);

} // namespace troupe
