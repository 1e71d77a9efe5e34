// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/setup.hpp"

namespace troupe::config {

/// `actors [ADDRESS]` (Troupe's own): where the actors of this process are shown. `TROUPE_ACTORS` sets it from outside.
struct actors_options {
  place at; ///< of the line that names the address
  host_port address{"127.0.0.1", 9155};
};

} // namespace troupe::config
