// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"
#include "config/zone_index.hpp"

#include <vector>

namespace troupe::config {

/// `k8s_external [ZONES...] { apex; ttl; headless; fallthrough }` with CoreDNS's defaults.
struct k8s_external_options {
  place at;

  std::vector<dns::name> zones; ///< lower-cased, in the order of the Corefile; CIDR zones as reverse zones; the first
                                ///< is what PTR targets end in
  zone_index zone_of;           ///< longest of `zones`
  dns::name apex = *dns::name::from_text("dns"); ///< below a zone: where its name server and hostmaster live
  uint32_t ttl = 5;                              ///< seconds
  bool headless = false;                         ///< headless services without external addresses answer too

  bool fall_through = false;
  zone_index fall_through_zones; ///< with `fall_through`; the root where none are named
};

} // namespace troupe::config
