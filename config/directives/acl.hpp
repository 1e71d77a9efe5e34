// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/prefix.hpp"
#include "config/zone_index.hpp"
#include "net/dns/types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::config {

/// `acl [ZONES] { ACTION [type TYPE… | *] [net PREFIX… | *] }`
struct acl_options {
  enum class action : uint8_t { allow, block, filter, drop };

  struct policy {
    action does = action::allow;
    std::vector<uint16_t> types; ///< empty: all
    std::vector<prefix> nets;    ///< empty: all

    bool applies(uint16_t qtype, const std::array<uint8_t, 16>& client, bool v6) const noexcept;
  };

  std::vector<dns::name> zones;
  zone_index zone_of;           ///< longest of `zones`
  std::vector<policy> policies; ///< the first that applies counts
};

} // namespace troupe::config
