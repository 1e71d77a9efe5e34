// SPDX-License-Identifier: Apache-2.0
#include "actors/http/endpoint_families.hpp"

#include <map>

namespace troupe {

namespace {

using endpoint_counters = net::endpoint_counters;

constexpr std::pair<const char*, std::atomic<uint64_t> endpoint_counters::*> events[] = {
  {"received", &endpoint_counters::received},
  {"sent", &endpoint_counters::sent},
  {"silent", &endpoint_counters::silent},
  {"malformed", &endpoint_counters::malformed},
  {"shed", &endpoint_counters::shed},
  {"dropped", &endpoint_counters::dropped},
  {"resent", &endpoint_counters::resent},
  {"given_up", &endpoint_counters::given_up},
  {"send_errors", &endpoint_counters::send_errors},
};

} // namespace

std::vector<prometheus::MetricFamily> endpoint_families(const endpoint_list& endpoints) {
  std::map<std::pair<std::string, std::string>, double> sums;
  for (auto& [proto, of] : endpoints)
    for (auto& [event, member] : events)
      sums[{proto, event}] += static_cast<double>((of->*member).load(std::memory_order_relaxed));
  prometheus::MetricFamily family{
    "troupe_slots_total", "What became of the queries that sockets read.", prometheus::MetricType::Counter, {}};
  for (auto& [labels, value] : sums) {
    prometheus::ClientMetric m;
    m.label = {{"proto", labels.first}, {"event", labels.second}};
    m.counter.value = value;
    family.metric.push_back(m);
  }
  return {family};
}

void add_counters(endpoint_counters& to, const endpoint_counters& from) {
  for (auto& [event, member] : events)
    net::bump(to.*member, (from.*member).load(std::memory_order_relaxed));
}

} // namespace troupe
