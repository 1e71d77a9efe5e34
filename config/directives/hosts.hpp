// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/zone_index.hpp"

#include <chrono>

namespace troupe::config {

/// `hosts [FILE [ZONES...]] { lines; ttl; no_reverse; reload; fallthrough; fallthrough_unsupported }`
struct hosts_options {
  std::string path = "/etc/hosts";
  std::string lines; ///< of the Corefile itself, each with its end
  std::vector<dns::name> zones;
  zone_index zone_of;                                       ///< longest of `zones`
  uint32_t ttl = 3600;                                      ///< seconds
  bool reverse = true;                                      ///< addresses have names too
  std::chrono::nanoseconds reload{std::chrono::seconds{5}}; ///< between two looks at the file; 0: none but the first

  bool fall_through = false;
  bool fall_through_unsupported = false; ///< for types other than A, AAAA and PTR too
  zone_index fall_through_zones;         ///< with `fall_through`; the root where none are named

  /// Equal for options that make the same tables.
  std::string identity() const;
};

} // namespace troupe::config
