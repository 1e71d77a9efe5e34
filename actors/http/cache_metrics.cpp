// SPDX-License-Identifier: Apache-2.0
#include "actors/http/cache_metrics.hpp"

#include "actors/http/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<const char*, 2> sides{"success", "denial"}; // by net::cache_side

struct totals {
  uint64_t requests = 0, misses = 0, prefetches = 0, drops = 0, stale = 0;
  std::array<uint64_t, 2> hits{}, evictions{}, entries{};

  void add(const net::cache_counters& c) {
    requests += c.requests.read();
    misses += c.misses.read();
    prefetches += c.prefetches.read();
    drops += c.drops.read();
    stale += c.served_stale.read();
    for (size_t side = 0; side < sides.size(); ++side) {
      hits[side] += c.hits[side].read();
      evictions[side] += c.evictions[side].read();
      entries[side] += c.entries[side].read();
    }
  }
};

/// A series without a count yet is left out, as CoreDNS does; entries are there from the first request on.
void add(MetricFamily& family, const cache_labels& labels, uint64_t value, const char* side = nullptr) {
  if (value == 0 && family.type == MetricType::Counter)
    return;
  prometheus::ClientMetric m;
  m.label.push_back({"server", valid_utf8(labels.server)});
  if (side)
    m.label.push_back({"type", side});
  m.label.push_back({"view", valid_utf8(labels.view)});
  m.label.push_back({"zones", valid_utf8(labels.zones)});
  (family.type == MetricType::Gauge ? m.gauge.value : m.counter.value) = static_cast<double>(value);
  family.metric.push_back(std::move(m));
}

} // namespace

std::vector<MetricFamily> cache_metrics::families() const {
  MetricFamily entries{"coredns_cache_entries", "The number of elements in the cache.", MetricType::Gauge, {}};
  MetricFamily requests{"coredns_cache_requests_total", "The count of cache requests.", MetricType::Counter, {}};
  MetricFamily hits{"coredns_cache_hits_total", "The count of cache hits.", MetricType::Counter, {}};
  MetricFamily misses{"coredns_cache_misses_total", "The count of cache misses.", MetricType::Counter, {}};
  MetricFamily prefetches{
    "coredns_cache_prefetch_total", "Times that the cache fetched ahead.", MetricType::Counter, {}};
  MetricFamily drops{"coredns_cache_drops_total", "Replies whose question was another.", MetricType::Counter, {}};
  MetricFamily stale{
    "coredns_cache_served_stale_total", "Requests served from stale entries.", MetricType::Counter, {}};
  MetricFamily evictions{"coredns_cache_evictions_total", "Entries thrown out to make room.", MetricType::Counter, {}};
  std::vector<std::pair<cache_labels, totals>> all;
  counts_.read([&](const cache_labels& labels) { all.emplace_back(labels, totals{}); },
               [&](const net::cache_counters& loop) { all.back().second.add(loop); });
  for (auto& [labels, t] : all) {
    if (t.requests == 0)
      continue;
    add(requests, labels, t.requests);
    add(misses, labels, t.misses);
    add(prefetches, labels, t.prefetches);
    add(drops, labels, t.drops);
    add(stale, labels, t.stale);
    for (size_t side = 0; side < sides.size(); ++side) {
      add(hits, labels, t.hits[side], sides[side]);
      add(evictions, labels, t.evictions[side], sides[side]);
      add(entries, labels, t.entries[side], sides[side]);
    }
  }
  std::vector<MetricFamily> out;
  for (auto* family : {&entries, &requests, &hits, &misses, &prefetches, &drops, &stale, &evictions})
    if (!family->metric.empty())
      out.push_back(std::move(*family));
  return out;
}

} // namespace troupe
