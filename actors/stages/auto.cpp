// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/file.hpp"

#include "actors/stages/stage_site.hpp"
#include "actors/stages/zone_directory.hpp"

namespace troupe {

void make_auto(stage_site& site) {
  const auto& options = site.block.own<config::auto_options>("auto");
  watched_files* const files = site.resources.files;
  const auto directory = files ? files->get<zone_directory>(zone_directory::identity(options), options, files)
                               : std::make_shared<zone_directory>(options, files);
  directory->offer(options.zones);
  file_stage::zones zones;
  zones.all = {directory, &directory->zones()};
  zones.origins = config::zone_index{options.origins};
  add_file_stage(site, "auto", std::move(zones));
}

} // namespace troupe
