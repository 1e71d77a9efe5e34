// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/setup.hpp"

namespace troupe::config {

/// `ready [ADDRESS] { monitor until-ready|continuously }`
struct ready_options {
  place at; ///< of the line that names the address
  host_port address{"", 8181};
  bool continuously = false; ///< ask again what was ready once
};

} // namespace troupe::config
