// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster.hpp"
#include "config/plan.hpp"

#include <variant>

namespace troupe {

/// The clusters that a plan's `kubernetes` blocks draw from, one per distinct source.
struct sources {
  std::vector<std::unique_ptr<cluster>> all;
  std::vector<std::string> keys; ///< kubernetes_options::source_key of each

  /// Reads manifests and kubeconfigs, opens no connection. The text of the first error says file, line and reason.
  static std::variant<sources, std::string> make(const config::plan& plan, process& shared);
};

} // namespace troupe
