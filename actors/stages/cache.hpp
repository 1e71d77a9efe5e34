// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/cache.hpp"
#include "actors/stages/stage.hpp"

namespace troupe {

/// `cache`: sends a question below its zones to the cache of this loop. Names that a `kubernetes` of the block owns do
/// not come here: that stage is asked before.
class cache_stage final : public stage {
public:
  cache_stage(cache_ptr group, size_t loop) : group_(std::move(group)), part_(*group_->on_loop[loop]) {}

  std::string_view name() const noexcept override { return "cache"; }
  step request(net::slot& slot, stage_scope& scope) override {
    if (group_->options.zones.longest(slot.query.name_lowered()) == config::zone_index::none)
      return step::next;
    scope.routed_to = &part_.front;
    return step::routed;
  }

private:
  const cache_ptr group_; ///< a plan keeps what it asks
  cache_on_loop& part_;
};

} // namespace troupe
