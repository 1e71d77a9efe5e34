// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/log.hpp"
#include "actors/stages/stage.hpp"

namespace troupe {

/// `errors`: a line for each query that the server could not answer: `[ERROR] plugin/errors: 2 name. A: reason`. Answers
/// that a stage wrote knowingly, be they SERVFAIL, are no errors here (as in CoreDNS).
class errors_stage final : public stage {
public:
  explicit errors_stage(const config::errors_options&) {}
  std::string_view name() const noexcept override { return "errors"; }
};

} // namespace troupe
