// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace troupe::config {

/// `chaos [VERSION] [AUTHORS…]`: character-strings, so of 255 octets at most.
struct chaos_options {
  std::string version;              ///< empty: the server's own
  std::vector<std::string> authors; ///< in alphabetical order, each once
};

} // namespace troupe::config
