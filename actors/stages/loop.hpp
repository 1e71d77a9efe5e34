// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/loop_probes.hpp"
#include "actors/runtime/actor_context.hpp"
#include "actors/stages/stage.hpp"

namespace troupe {

/// `loop`: looks out for probes that come back. Costs one load while none is under way.
class loop_stage final : public stage {
public:
  /// `at`: the address that is served, for the message.
  loop_stage(actor_context& shared, const loop_probes& probes, std::string at)
    : shared_(shared), probes_(probes), at_(std::move(at)) {}

  std::string_view name() const noexcept override { return "loop"; }
  step request(net::slot& slot, stage_scope&) override;

private:
  step take(net::slot& slot, net::batch& home, uint64_t number);

  actor_context& shared_;
  const loop_probes& probes_;
  const std::string at_;
};

} // namespace troupe
