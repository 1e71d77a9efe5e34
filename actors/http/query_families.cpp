// SPDX-License-Identifier: Apache-2.0
#include "actors/http/query_families.hpp"

#include "actors/http/utf8.hpp"

#include <initializer_list>
#include <numeric>
#include <string_view>

namespace troupe {

namespace {

using net::query_totals;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using label = std::pair<const char*, std::string_view>;

ClientMetric metric(std::initializer_list<label> labels) {
  ClientMetric m;
  for (auto& [name, value] : labels)
    m.label.push_back({name, valid_utf8(value)});
  return m;
}

void add_counter(MetricFamily& family, uint64_t value, std::initializer_list<label> labels) {
  if (value == 0)
    return;
  family.metric.push_back(metric(labels));
  family.metric.back().counter.value = static_cast<double>(value);
}

/// `bound` gives the upper bound of a bucket; the last of `counts` has none.
template <size_t N, class Bound>
void add_histogram(MetricFamily& family, const std::array<uint64_t, N>& counts, double sum, Bound bound,
                   std::initializer_list<label> labels) {
  const uint64_t all = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  if (all == 0)
    return;
  auto m = metric(labels);
  uint64_t cumulative = 0;
  for (size_t i = 0; i + 1 < N; ++i) {
    cumulative += counts[i];
    m.histogram.bucket.push_back({cumulative, bound(i)});
  }
  m.histogram.sample_count = all;
  m.histogram.sample_sum = sum;
  family.metric.push_back(std::move(m));
}

constexpr std::string_view families[] = {"1", "2"}; // IPv4, IPv6

double size_bound(size_t bucket) {
  return net::size_bounds[bucket];
}

struct dns_families {
  MetricFamily requests{
    "coredns_dns_requests_total", "DNS requests per zone, protocol and family.", MetricType::Counter, {}};
  MetricFamily durations{
    "coredns_dns_request_duration_seconds", "Time in seconds that requests took, per zone.", MetricType::Histogram, {}};
  MetricFamily request_sizes{
    "coredns_dns_request_size_bytes", "Size of requests in bytes, per zone and protocol.", MetricType::Histogram, {}};
  MetricFamily response_sizes{
    "coredns_dns_response_size_bytes", "Size of responses in bytes, per zone and protocol.", MetricType::Histogram, {}};
  MetricFamily dnssec_ok{
    "coredns_dns_do_requests_total", "DNS requests with the DO bit set, per zone.", MetricType::Counter, {}};
  MetricFamily responses{
    "coredns_dns_responses_total", "DNS responses per zone, code and plugin that wrote them.", MetricType::Counter, {}};

  void add(const query_totals& t) {
    const std::string_view server = t.labels.server, view = t.labels.view, zone = t.labels.zone;
    add_histogram(durations, t.durations, static_cast<double>(t.duration_sum_ns) / 1e9, net::duration_bound_seconds,
                  {{"server", server}, {"view", view}, {"zone", zone}});
    add_counter(dnssec_ok, t.dnssec_ok, {{"server", server}, {"view", view}, {"zone", zone}});
    for (const auto protocol : dns::protocols)
      add_protocol(t, protocol);
    for (size_t rcode = 0; rcode < net::rcode_slots; ++rcode)
      for (size_t plugin = 0; plugin < net::plugin_names.size(); ++plugin)
        add_counter(responses, t.responses[rcode][plugin],
                    {{"plugin", net::plugin_names[plugin]},
                     {"rcode", net::rcode_label(rcode)},
                     {"server", server},
                     {"view", view},
                     {"zone", zone}});
  }

private:
  void add_protocol(const query_totals& t, dns::protocol protocol) {
    const size_t by = index_of(protocol);
    const std::string_view proto = text(protocol), server = t.labels.server, view = t.labels.view, zone = t.labels.zone;
    for (size_t v6 = 0; v6 < 2; ++v6)
      for (size_t type = 0; type < net::type_slots; ++type)
        add_counter(requests, t.requests[by][v6][type],
                    {{"family", families[v6]},
                     {"proto", proto},
                     {"server", server},
                     {"type", net::type_label(type)},
                     {"view", view},
                     {"zone", zone}});
    for (auto [family, sizes] :
         {std::pair{&request_sizes, &t.request_sizes[by]}, {&response_sizes, &t.response_sizes[by]}})
      add_histogram(*family, sizes->buckets, static_cast<double>(sizes->sum), size_bound,
                    {{"proto", proto}, {"server", server}, {"view", view}, {"zone", zone}});
  }
};

} // namespace

std::vector<MetricFamily> query_families(const std::vector<query_totals>& totals) {
  dns_families f;
  for (auto& t : totals)
    f.add(t);
  return {std::move(f.dnssec_ok), std::move(f.durations),      std::move(f.request_sizes),
          std::move(f.requests),  std::move(f.response_sizes), std::move(f.responses)};
}

std::vector<MetricFamily> query_families(const net::query_metrics& metrics) {
  return query_families(metrics.totals());
}

} // namespace troupe
