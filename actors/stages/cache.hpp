// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/cache.hpp"
#include "actors/stages/stage.hpp"

namespace troupe {

/// `cache`: sends a question below its zones to the cache of this loop. Names that a `kubernetes` of the block owns do
/// not come here: that stage is asked before.
class cache_stage final : public stage {
public:
  cache_stage(cache_ptr of, size_t loop) : of_(std::move(of)), here_(*of_->on_loop[loop]) {}

  std::string_view name() const noexcept override { return "cache"; }
  step request(net::slot& slot, stage_scope& scope) override {
    if (of_->options.zones.longest(slot.query.name_lowered()) == config::zone_index::none)
      return step::next;
    scope.routed_to = &here_.front;
    return step::routed;
  }

private:
  const cache_ptr of_; ///< a plan keeps what it asks
  cache_on_loop& here_;
};

} // namespace troupe
