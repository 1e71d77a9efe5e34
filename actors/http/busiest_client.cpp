// SPDX-License-Identifier: Apache-2.0
#include "actors/http/busiest_client.hpp"

#include <map>
#include <utility>

namespace troupe {

size_t least_worth(const std::vector<page_connection>& connections) {
  std::map<page_connection::address, size_t> open;
  for (auto& c : connections)
    ++open[c.client()];
  const auto rank = [&](const page_connection& c) { return std::pair{open[c.client()], c.is_idle()}; };
  size_t found = 0;
  for (size_t i = 1; i < connections.size(); ++i)
    if (rank(connections[i]) > rank(connections[found]))
      found = i;
  return found;
}

} // namespace troupe
