// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

namespace troupe::config {

/// `loop`, without options. From outside, TROUPE_LOOP=report makes it report instead of ending the process.
struct loop_options {
  place at;
  bool report = false;
};

} // namespace troupe::config
