// SPDX-License-Identifier: Apache-2.0
#include "net/zone/options.hpp"

namespace troupe::zone {

std::optional<size_t> options::match(dns::name_view lowered) const noexcept {
  std::optional<size_t> best;
  for (size_t i = 0; i < zones.size(); ++i)
    if (dns::is_subdomain(lowered, zones[i].wire()) && (!best || zones[i].size() > zones[*best].size()))
      best = i;
  return best;
}

} // namespace troupe::zone
