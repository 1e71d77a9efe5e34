// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/file.hpp"

#include "actors/stages/stage_site.hpp"
#include "config/directives/auto.hpp"

namespace troupe {

/// The directory is read once, when the Corefile is read: files that come later are not found, those that were found
/// are looked at again.
void make_auto(stage_site& site) {
  const auto& options = site.block.own<config::auto_options>("auto");
  file_stage::zones zones;
  zones.origins = config::zone_index{options.origins};
  add_file_stage(site, "auto", options.zones, std::move(zones));
}

} // namespace troupe
