// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"

#include <optional>

namespace troupe::config {

struct server_block;
class dispenser;

/// Nothing: all is well.
using failure = std::optional<parse_error>;

/// What the parser of a directive's options sees besides its words.
struct setup {
  server_block& block; ///< where the options go; its zones are known
  const environment& env;
  std::vector<std::string>& warnings;
};

} // namespace troupe::config
