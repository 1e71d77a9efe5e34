// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_counters.hpp"

#include <prometheus/metric_family.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

/// Whose entries and hits are counted together.
struct cache_labels {
  std::string server, zones, view;
  bool operator==(const cache_labels&) const = default;
};

/// The counters of all caches of the process. They live as long as this does, so that counts only grow, over reloads
/// too.
class cache_metrics {
public:
  explicit cache_metrics(size_t loops) : loops_(loops) {}

  /// The same object for the same labels and loop. Thread: any.
  net::cache_counters& counters(const cache_labels& labels, size_t loop);

  /// `coredns_cache_*`, all loops added up. Thread: any.
  std::vector<prometheus::MetricFamily> families() const;

private:
  // Each loop writes its own counters: on cache lines of their own.
  struct alignas(64) padded : net::cache_counters {};
  struct block {
    cache_labels labels;
    std::vector<std::unique_ptr<padded>> loops;
  };

  const size_t loops_;
  mutable std::mutex mutex_;
  std::vector<block> blocks_;
};

} // namespace troupe
