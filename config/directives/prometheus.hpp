// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/setup.hpp"

namespace troupe::config {

/// `prometheus [ADDRESS] { runtime_metrics }`
struct prometheus_options {
  place at; ///< of the line that names the address
  host_port address{"localhost", 9153};
  bool runtime_metrics = false; ///< accepted; there is no Go runtime to report on
};

} // namespace troupe::config
