// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/runtime/spawning.hpp"

#include <span>

namespace troupe {

/// The actors of one cluster: those that make its tables, and on each loop those that answer from them. Zone keepers
/// and zone servers come later, as namespaces do.
tree cluster_children(const spawn_site& where, cluster_tables& tables,
                      std::span<const std::unique_ptr<cluster_on_loop>> on_loop);

} // namespace troupe
