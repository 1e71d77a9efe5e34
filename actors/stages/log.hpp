// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"

namespace troupe {

class log_stage final : public stage {
public:
  explicit log_stage(const config::log_options&) {}
  std::string_view name() const noexcept override { return "log"; }
};

} // namespace troupe
