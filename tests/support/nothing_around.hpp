// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"

namespace troupe::test {

/// What a Corefile finds around it where nothing is: no variables, no files.
inline config::environment nothing_around() {
  config::environment none;
  none.variable = [](const std::string&) { return std::nullopt; };
  none.paths = [](const std::string&) { return std::vector<std::string>{}; };
  none.read = [](const std::string&) { return config::environment::unreadable{"nothing is read here"}; };
  return none;
}

} // namespace troupe::test
