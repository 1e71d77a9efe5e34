// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

namespace troupe::config {

inline constexpr unsigned max_sockets = 1024; ///< CoreDNS's bound for `multisocket N`

/// `multisocket [N]`: how many sockets share each listening address.
struct multisocket_options {
  unsigned sockets = 0; ///< 1 to max_sockets; 0: as many as there are loops
};

} // namespace troupe::config
