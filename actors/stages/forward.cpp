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

/// What `cancel` says; else as long as CoreDNS asks.
std::chrono::nanoseconds limit_of(const config::server_block& block) {
  std::chrono::nanoseconds limit = forward_stage::overall_limit;
  return block.uses.contains("cancel") ? std::min(limit, block.own<std::chrono::nanoseconds>("cancel")) : limit;
}

void make_forward(stage_site& site) {
  const auto& all = site.block.forward;
  for (size_t i = 0; i < all.size(); ++i)
    site.add<forward_stage>(all[i], site.resources.forwards.at(all[i].identity()), site.resources.index,
                            i + 1 < all.size(), limit_of(site.block), site.labels != nullptr);
}

} // namespace troupe
