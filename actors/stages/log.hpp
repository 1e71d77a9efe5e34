// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/log_format.hpp"
#include "actors/stages/metadata.hpp"
#include "actors/stages/stage.hpp"
#include "config/directives/log.hpp"

namespace troupe {

/// `log`: a line for each answer whose name and class a rule wants; the first rule that holds the name decides.
class log_stage final : public stage {
public:
  /// `local`: the address that is logged for sockets bound to one. `labels`: the plan's; null: there are none.
  log_stage(const config::log_options& options, std::string local, const plan_labels* labels = nullptr);

  std::string_view name() const noexcept override { return "log"; }
  void response(net::slot& slot, stage_scope& scope) override;

private:
  struct rule {
    dns::name scope;
    uint8_t classes;
    log_format format;
  };

  std::vector<rule> rules_;
  std::string local_;
  const plan_labels* labels_;
};

} // namespace troupe
