// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/cache.hpp"

#include "actors/stages/stage_site.hpp"

namespace troupe {

void make_cache(stage_site& site) {
  site.add<cache_stage>(site.resources.caches.at(cache_group::identity_of(site.block)), site.resources.index);
}

} // namespace troupe
