// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_set.hpp"

#include <utility>

namespace troupe {

namespace {

std::vector<dns::name> apexes_of(const std::vector<std::shared_ptr<zone_source>>& sources) {
  std::vector<dns::name> out;
  for (const auto& each : sources)
    out.push_back(each->apex());
  return out;
}

} // namespace

zone_set::zone_set(std::vector<std::shared_ptr<zone_source>> zones)
  : sources(std::move(zones)), zone_of(apexes_of(sources)) {}

std::shared_ptr<zone_source> source_of(const config::file_options::zone& zone, watched_files* files) {
  auto out = files ? files->get<zone_source>(zone_source::identity(zone), zone) : std::make_shared<zone_source>(zone);
  out->offer(zone.table);
  return out;
}

} // namespace troupe
