// SPDX-License-Identifier: Apache-2.0
#include "actors/http/stage_counters.hpp"

#include "actors/http/utf8.hpp"

#include <algorithm>

namespace troupe {

std::vector<prometheus::MetricFamily> stage_counters::families() const {
  std::vector<std::pair<stage_series, uint64_t>> sums;
  counts_.read([&](const stage_series& series) { sums.emplace_back(series, 0); },
               [&](const net::counter& loop) { sums.back().second += loop.read(); });
  std::vector<prometheus::MetricFamily> out;
  for (auto& [series, sum] : sums) {
    if (sum == 0)
      continue;
    auto family = std::ranges::find(out, series.family, &prometheus::MetricFamily::name);
    if (family == out.end())
      family = out.insert(out.end(), {series.family, series.help, prometheus::MetricType::Counter, {}});
    prometheus::ClientMetric m;
    m.label.push_back({"server", valid_utf8(series.server)});
    m.counter.value = static_cast<double>(sum);
    family->metric.push_back(std::move(m));
  }
  return out;
}

std::vector<prometheus::MetricFamily> log_families(unsigned long long lost) {
  prometheus::ClientMetric m;
  m.counter.value = static_cast<double>(lost);
  return {{"troupe_log_lines_lost_total",
           "Lines of the log that standard output did not take.",
           prometheus::MetricType::Counter,
           {m}}};
}

} // namespace troupe
