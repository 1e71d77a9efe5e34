// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_client.hpp"

#include <prometheus/metric_family.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A source of objects, and what is known of each resource that is read from it.
struct source_state {
  std::string number; ///< "1" for the first of the configuration
  std::string origin; ///< "in-cluster", "endpoint URL", "kubeconfig FILE context NAME", "manifests"
  bool synced = false;
  std::vector<std::pair<kube::resource, kube::api_status>> resources; ///< none of manifests
};

/// `troupe_kubernetes_*`, with the labels `source` and `resource`.
std::vector<prometheus::MetricFamily> source_families(const std::vector<source_state>& sources,
                                                      std::chrono::steady_clock::time_point now);

/// "synced, 12 objects, last event 3 s ago, last list 340 s ago, 0 signs of staleness, 0 skipped, no error".
std::string freshness_text(const kube::api_status& status, std::chrono::steady_clock::time_point now);

/// The page `/ready?verbose`: a line for each source and each of its resources, `[+]` or `[-]` first, then `verdict`.
std::string readiness_text(const std::vector<source_state>& sources, std::chrono::steady_clock::time_point now,
                           const std::string& verdict);

} // namespace troupe
