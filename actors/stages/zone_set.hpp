// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/zone_source.hpp"
#include "config/zone_index.hpp"

namespace troupe {

/// Zones from files, and which of them holds a name. Immutable.
struct zone_set {
  explicit zone_set(std::vector<std::shared_ptr<zone_source>> zones);

  std::vector<std::shared_ptr<zone_source>> sources;
  config::zone_index zone_of; ///< over `sources`
};

/// The source of a zone that a Corefile or a walk has read: the one that lives, with this table if it is newer, or
/// another. `files` may be null in tests.
std::shared_ptr<zone_source> source_of(const config::file_options::zone& zone, watched_files* files);

} // namespace troupe
