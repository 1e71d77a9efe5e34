// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/forward_front.hpp"
#include "actors/stages/stage.hpp"

namespace troupe {

/// `forward`: sends a question below its zones, and not below those excepted, to the front of this loop.
class forward_stage final : public stage {
public:
  /// As CoreDNS has it. `cancel` of the block may say less.
  static constexpr std::chrono::seconds overall_limit{5};

  /// `next_is_forward`: the stage behind this one is a `forward` too. `noted`: which upstream was asked is noted.
  forward_stage(const config::forward_options& options, forward_ptr group, size_t loop, bool next_is_forward,
                std::chrono::nanoseconds limit = overall_limit, bool noted = false)
    : from_(options.from), group_(std::move(group)),
      part_(*group_->on_loop[loop]), use_{group_->options, next_is_forward, limit, noted} {}

  std::string_view name() const noexcept override { return "forward"; }
  step request(net::slot& slot, stage_scope& scope) override;

private:
  const config::zone_index from_;
  const forward_ptr group_; ///< a plan keeps what it asks
  forward_on_loop& part_;
  const forward_use use_;
};

} // namespace troupe
