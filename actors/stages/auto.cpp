// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/file.hpp"

#include "actors/stages/stage_site.hpp"
#include "config/directives/auto.hpp"

namespace troupe {

/// The directory is looked at and its files are read once, when the Corefile is read: `reload` changes nothing yet.
void make_auto(stage_site& site) {
  const auto& options = site.block.own<config::auto_options>("auto");
  file_stage::zones zones;
  std::vector<dns::name> apexes;
  for (const auto& each : options.zones) {
    zones.tables.push_back(each.table);
    apexes.push_back(each.apex);
  }
  zones.zone_of = config::zone_index{apexes};
  zones.origins = config::zone_index{options.origins};
  add_file_stage(site, "auto", std::move(zones));
}

} // namespace troupe
