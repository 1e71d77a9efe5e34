// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_counters.hpp"
#include "net/per_loop.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace troupe {

/// Whose entries and hits are counted together.
struct cache_labels {
  std::string server, zones, view;
  bool operator==(const cache_labels&) const = default;
};

/// The counters of all caches of the process.
class cache_metrics {
public:
  explicit cache_metrics(size_t loops) : counts_(loops) {}

  net::cache_counters& counters(const cache_labels& labels, size_t loop) { return counts_.of(labels, loop); }

  /// `coredns_cache_*`, all loops added up. Thread: any.
  std::vector<prometheus::MetricFamily> families() const;

private:
  net::per_loop<cache_labels, net::cache_counters> counts_;
};

} // namespace troupe
