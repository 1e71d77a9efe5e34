// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/metrics.hpp"
#include "net/per_loop.hpp"

#include <prometheus/metric_family.h>

namespace troupe {

/// A counter of a stage.
struct stage_series {
  std::string family, help;
  std::vector<std::pair<std::string, std::string>> labels;
  bool operator==(const stage_series&) const = default;
};

/// What stages without actors count and measure. As with CoreDNS a series comes into being with what it first counts.
class stage_counters {
public:
  explicit stage_counters(size_t loops) : counts_(loops) {}

  net::counter& of(const stage_series& which, size_t loop) { return counts_.of(which, loop); }
  /// A gauge, from now on. Thread: any.
  void set(const stage_series& which, double value);
  std::vector<prometheus::MetricFamily> families() const; ///< any thread

private:
  net::per_loop<stage_series, net::counter> counts_;
  mutable std::mutex mutex_; ///< for the gauges
  std::vector<std::pair<stage_series, double>> gauges_;
};

/// `troupe_log_lines_lost_total`.
std::vector<prometheus::MetricFamily> log_families(unsigned long long lost);

} // namespace troupe
