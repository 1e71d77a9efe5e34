// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/forward.hpp"

#include "actors/stages/stage_site.hpp"

namespace troupe {

stage::step forward_stage::request(net::slot& slot, stage_scope& scope) {
  const dns::name_view name = slot.query.name_lowered();
  if (from_.longest(name) == config::zone_index::none || use_.options.except.longest(name) != config::zone_index::none)
    return step::next;
  slot.options = &use_;
  scope.routed_to = &part_.front;
  return step::routed;
}

void make_forward(stage_site& site) {
  const auto& all = site.block.forward;
  for (size_t i = 0; i < all.size(); ++i)
    site.add<forward_stage>(all[i], site.resources.forwards.at(all[i].identity()), site.resources.index,
                            i + 1 < all.size());
}

} // namespace troupe
