// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

namespace troupe::config {

/// `loadbalance [round_robin]`: addresses in random order, which is what CoreDNS's round_robin is.
struct loadbalance_options {};

} // namespace troupe::config
