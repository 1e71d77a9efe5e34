// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/notify_watches.hpp"
#include "actors/runtime/watched_files.hpp"

namespace troupe {

/// Adds the zones of `file` and `auto` that `transfer` names secondaries for, as they are now.
void add_file_watches(const config::plan& plan, const watched_files& files, std::vector<notify_watch>& out);

} // namespace troupe
