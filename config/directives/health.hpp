// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/setup.hpp"

#include <chrono>

namespace troupe::config {

/// `health [ADDRESS] { lameduck DURATION }`
struct health_options {
  place at; ///< of the line that names the address
  host_port address{"", 8080};
  std::chrono::nanoseconds lameduck{0}; ///< how long SIGTERM waits before anything stops
};

} // namespace troupe::config
