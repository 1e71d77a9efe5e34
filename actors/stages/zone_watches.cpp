// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_watches.hpp"

#include "actors/stages/zone_directory.hpp"

namespace troupe {

void add_file_watches(const config::plan& plan, const watched_files& files, std::vector<notify_watch>& out) {
  for (const auto& block : plan.blocks) {
    if (block.uses.contains("file"))
      for (const auto& each : block.own<config::file_options>("file").zones)
        if (auto source = files.living<zone_source>(zone_source::identity(each)))
          watch_zone(block, each.apex, std::move(source), out);
    if (!block.uses.contains("auto"))
      continue;
    const auto& options = block.own<config::auto_options>("auto");
    if (const auto directory = files.living<zone_directory>(zone_directory::identity(options)))
      for (const auto& each : directory->zones().snapshot()->sources)
        watch_zone(block, each->apex(), each, out);
  }
}

} // namespace troupe
