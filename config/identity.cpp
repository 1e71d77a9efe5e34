// SPDX-License-Identifier: Apache-2.0
#include "config/identity.hpp"

#include <algorithm>

namespace troupe::config {

identity_text& identity_text::add(std::string_view part) {
  text_ += ' ' + std::to_string(part.size()) + ':';
  text_ += part;
  return *this;
}

identity_text& identity_text::add(const std::vector<dns::name>& zones) {
  std::vector<std::string> names;
  for (const auto& zone : zones)
    names.push_back(zone.lowered().to_text());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  add(names.size());
  for (const auto& name : names)
    add(name);
  return *this;
}

} // namespace troupe::config
