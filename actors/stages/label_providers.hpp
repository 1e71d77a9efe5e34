// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/metadata.hpp"
#include "actors/stages/stage_site.hpp"

namespace troupe {

/// The labels of all blocks with `metadata` that `listener` serves; null if there is none.
std::unique_ptr<const plan_labels> labels_of(const config::plan& source, const config::listener_plan& listener,
                                             const loop_resources& resources);

/// `kubernetes/…`: what the question's name says by the grammar of cluster names, whether or not there is such a
/// thing, and with `pods verified` whose pod asks.
std::unique_ptr<label_provider> labels_of_kubernetes(const config::server_block& block,
                                                     const loop_resources& resources);

} // namespace troupe
