// SPDX-License-Identifier: Apache-2.0
#include "actors/http/stage_counters.hpp"

#include "actors/http/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

void add_series(std::vector<prometheus::MetricFamily>& to, const stage_series& series, prometheus::MetricType type,
                double value) {
  auto family = std::ranges::find(to, series.family, &prometheus::MetricFamily::name);
  if (family == to.end())
    family = to.insert(to.end(), {series.family, series.help, type, {}});
  prometheus::ClientMetric m;
  for (auto& [name, label] : series.labels)
    m.label.push_back({name, valid_utf8(label)});
  (type == prometheus::MetricType::Counter ? m.counter.value : m.gauge.value) = value;
  family->metric.push_back(std::move(m));
}

} // namespace

void stage_counters::set(const stage_series& which, double value) {
  std::lock_guard lock{mutex_};
  const auto found = std::ranges::find(gauges_, which, &std::pair<stage_series, double>::first);
  if (found != gauges_.end())
    found->second = value;
  else
    gauges_.emplace_back(which, value);
}

std::vector<prometheus::MetricFamily> stage_counters::families() const {
  std::vector<std::pair<stage_series, uint64_t>> sums;
  counts_.read([&](const stage_series& series) { sums.emplace_back(series, 0); },
               [&](const net::counter& loop) { sums.back().second += loop.read(); });
  std::vector<prometheus::MetricFamily> out;
  for (auto& [series, sum] : sums) {
    if (sum != 0)
      add_series(out, series, prometheus::MetricType::Counter, static_cast<double>(sum));
  }
  std::lock_guard lock{mutex_};
  for (auto& [series, value] : gauges_)
    add_series(out, series, prometheus::MetricType::Gauge, value);
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
