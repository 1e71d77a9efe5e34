// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

#include <chrono>

namespace troupe::config {

/// `reload [INTERVAL] [JITTER]`: the Corefile is looked at every interval plus or minus half the jitter.
struct reload_options {
  std::chrono::nanoseconds interval{std::chrono::seconds{30}};
  std::chrono::nanoseconds jitter{std::chrono::seconds{15}}; ///< at most half the interval
};

} // namespace troupe::config
