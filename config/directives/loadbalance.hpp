// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/prefix.hpp"
#include "config/setup.hpp"

#include <chrono>
#include <vector>

namespace troupe::config {

/// `loadbalance [round_robin | weighted FILE { reload DURATION }] { prefer PREFIX... }`: addresses in random order,
/// which is what CoreDNS's round_robin is, or one of them first as often as its weight says; then those of prefixes in
/// front.
struct loadbalance_options {
  std::string weights;                                       ///< a file (`config/weights`); empty: none
  std::chrono::nanoseconds reload{std::chrono::seconds{30}}; ///< between two looks at it; 0: none but the first
  std::vector<prefix> prefer;
};

} // namespace troupe::config
