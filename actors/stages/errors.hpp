// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "config/directives/errors.hpp"

namespace troupe {

/// `errors`: a line for each query that the server could not answer: `[ERROR] plugin/errors: 2 name. A: reason`.
/// Answers that a stage wrote knowingly, SERVFAIL before the first sync for instance, are no errors here (as in
/// CoreDNS). `consolidate` counts the lines of all loops that match, and prints one per period.
class errors_stage final : public stage {
public:
  explicit errors_stage(const config::errors_options& options);
  ~errors_stage() override;

  std::string_view name() const noexcept override { return "errors"; }
  void response(net::slot& slot, stage_scope&) override;

private:
  struct counted_rule;

  static std::shared_ptr<counted_rule> shared_rule(const config::errors_options::consolidation& of);

  std::vector<std::shared_ptr<counted_rule>> consolidated_;
};

} // namespace troupe
