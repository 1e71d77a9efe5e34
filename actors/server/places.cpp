// SPDX-License-Identifier: Apache-2.0
#include "actors/server/places.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool names(const config::plan& plan, uint16_t port, const std::string& host) {
  return std::any_of(plan.listeners.begin(), plan.listeners.end(),
                     [&](auto& other) { return other.port == port && other.host == host; });
}

} // namespace

std::vector<listening_place> places_of(const config::plan& plan, bool has_ipv6) {
  std::vector<listening_place> out;
  for (auto& listener : plan.listeners) {
    if (!listener.host.empty() && !config::is_unspecified(listener.host)) {
      out.push_back({&listener, listener.host});
      continue;
    }
    for (const std::string any : {"0.0.0.0", "::"})
      if ((any == "0.0.0.0" || has_ipv6) && (any == listener.host || !names(plan, listener.port, any)))
        out.push_back({&listener, any});
  }
  return out;
}

} // namespace troupe
