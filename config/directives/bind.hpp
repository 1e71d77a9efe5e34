// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

#include <string>
#include <vector>

namespace troupe::config {

/// `bind ADDR|INTERFACE... { except ADDR|INTERFACE... }`, several lines add up.
struct bind_options {
  place at;                           ///< of the first line
  std::vector<std::string> addresses; ///< numeric, in normal form, interfaces replaced by their addresses
};

} // namespace troupe::config
