// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/loadbalance.hpp"

#include "actors/stages/stage_site.hpp"

namespace troupe {

void make_loadbalance(stage_site& site) {
  site.add<loadbalance_stage>();
}

} // namespace troupe
