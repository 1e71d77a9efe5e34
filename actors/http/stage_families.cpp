// SPDX-License-Identifier: Apache-2.0
#include "actors/http/stage_families.hpp"

#include "actors/http/utf8.hpp"

namespace troupe {

std::vector<prometheus::MetricFamily> stage_families(const net::server_counter& autopath) {
  prometheus::MetricFamily found{
    "coredns_autopath_success_total", "Counter of requests that did autopath.", prometheus::MetricType::Counter, {}};
  for (auto& [server, count] : autopath.totals()) {
    prometheus::ClientMetric m;
    m.label.push_back({"server", valid_utf8(server)});
    m.counter.value = static_cast<double>(count);
    found.metric.push_back(std::move(m));
  }
  if (found.metric.empty())
    return {};
  return {std::move(found)};
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
