// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/zone_index.hpp"

namespace troupe::config {

/// `metadata [ZONES...]`: what stages know of questions below the zones has labels.
struct metadata_options {
  bool there = false; ///< a second use is an error
  zone_index zones;
};

} // namespace troupe::config
