// SPDX-License-Identifier: Apache-2.0
#include "config/directives.hpp"

#include "config/plan.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::config {

#define TROUPE_PLANNED(name)
#define TROUPE_SETTING(name, once) failure parse_##name(dispenser& in, setup& s);
#define TROUPE_STAGE(name, once) TROUPE_SETTING(name, once)
#include "config/directives.def"
#undef TROUPE_PLANNED
#undef TROUPE_SETTING
#undef TROUPE_STAGE

namespace {

constexpr directive table[] = {
#define TROUPE_PLANNED(name) {#name},
#define TROUPE_SETTING(name, once) {#name, parse_##name, once},
#define TROUPE_STAGE(name, once) TROUPE_SETTING(name, once)
#include "config/directives.def"
};

} // namespace

std::span<const directive> directives() {
  return table;
}

const directive* find_directive(std::string_view name) {
  auto found = std::find_if(std::begin(table), std::end(table), [&](const directive& d) { return d.name == name; });
  return found == std::end(table) ? nullptr : &*found;
}

std::string built_directives() {
  std::vector<std::string> names;
  for (const directive& d : table) {
    if (d.parse)
      names.emplace_back(d.name);
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const auto& name : names)
    text += name + "\n";
  return text;
}

} // namespace troupe::config
