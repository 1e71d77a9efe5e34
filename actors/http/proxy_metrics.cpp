// SPDX-License-Identifier: Apache-2.0
#include "actors/http/proxy_metrics.hpp"

#include <algorithm>

namespace troupe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

constexpr const char* proxy_name = "forward"; ///< value of the label: the directive that the proxy serves
constexpr const char* tls_label = "tcp-tls";
constexpr const char* durations_name = "coredns_proxy_request_duration_seconds";
constexpr const char* probe_failures_name = "coredns_proxy_healthcheck_failures_total";

prometheus::Family<prometheus::Counter>& counter_family(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

prometheus::Histogram::BucketBoundaries durations() {
  prometheus::Histogram::BucketBoundaries out;
  for (size_t i = 0; i < net::duration_buckets; ++i)
    out.push_back(net::duration_bound_seconds(i));
  return out;
}

std::string rcode_text(uint16_t rcode) {
  return rcode < net::rcode_slots ? std::string{net::rcode_label(rcode)} : std::to_string(rcode);
}

/// Without the label `name`.
MetricFamily without(const char* name, MetricFamily family) {
  for (auto& metric : family.metric)
    std::erase_if(metric.label, [&](auto& label) { return label.name == name; });
  return family;
}

MetricFamily renamed(MetricFamily family, const char* name) {
  family.name = name;
  return family;
}

/// The numbers of observations of histograms, added up where the labels are the same.
MetricFamily counted(const MetricFamily& histograms, const char* name, const char* help) {
  MetricFamily out{name, help, prometheus::MetricType::Counter, {}};
  for (auto& from : histograms.metric) {
    auto to = std::find_if(out.metric.begin(), out.metric.end(), [&](auto& m) { return m.label == from.label; });
    if (to == out.metric.end()) {
      to = out.metric.insert(to, ClientMetric{});
      to->label = from.label;
    }
    to->counter.value += static_cast<double>(from.histogram.sample_count);
  }
  return out;
}

} // namespace

proxy_metrics::proxy_metrics()
  : broken_(counter_family(registry_, "coredns_forward_healthcheck_broken_total",
                           "Times that all upstreams of a forward were down.")
              .Add({})),
    rejects_(counter_family(registry_, "coredns_forward_max_concurrent_rejects_total",
                            "Queries refused because max_concurrent was reached.")
               .Add({})),
    durations_(prometheus::BuildHistogram()
                 .Name(durations_name)
                 .Help("Time that upstreams took to answer.")
                 .Register(registry_)),
    probe_failures_(counter_family(registry_, probe_failures_name, "Probes of upstreams that got no answer.")),
    reused_(counter_family(registry_, "coredns_proxy_conn_cache_hits_total", "Connections taken from those kept.")),
    made_(counter_family(registry_, "coredns_proxy_conn_cache_misses_total", "Connections made.")),
    without_edns_(prometheus::BuildGauge()
                    .Name("troupe_forward_without_edns")
                    .Help("1: the upstream answers only without EDNS and is asked so, until that is tried again.")
                    .Register(registry_)) {}

std::vector<MetricFamily> proxy_metrics::collect() const {
  auto out = registry_.Collect();
  const auto find = [&](const char* name) {
    const auto found = std::find_if(out.begin(), out.end(), [&](auto& family) { return family.name == name; });
    return found == out.end() ? MetricFamily{} : without("proxy_name", *found);
  };
  const MetricFamily took = find(durations_name), probes = find(probe_failures_name);
  if (!took.metric.empty()) {
    out.push_back(
      counted(without("rcode", took), "coredns_forward_requests_total", "Answered questions per upstream."));
    out.push_back(counted(took, "coredns_forward_responses_total", "Answers per upstream and code."));
    out.push_back(renamed(took, "coredns_forward_request_duration_seconds"));
  }
  if (!probes.metric.empty())
    out.push_back(renamed(probes, "coredns_forward_healthcheck_failures_total"));
  return out;
}

void upstream_metrics::request(uint16_t rcode, std::chrono::duration<double> took) {
  prometheus::Histogram* rare = nullptr;
  auto*& series = rcode < durations_.size() ? durations_[rcode] : rare;
  if (!series)
    series = &all_.durations_.Add({{"proxy_name", proxy_name}, {"to", to_}, {"rcode", rcode_text(rcode)}}, durations());
  series->Observe(took.count());
}

void upstream_metrics::connection(dns::protocol by, bool reused) {
  auto*& series = connections_[index_of(by)][reused];
  if (!series)
    series = &(reused ? all_.reused_ : all_.made_)
                .Add({{"proxy_name", proxy_name}, {"to", to_}, {"proto", tls_ ? tls_label : std::string{text(by)}}});
  series->Increment();
}

void upstream_metrics::probe_failed() {
  all_.probe_failures_.Add({{"proxy_name", proxy_name}, {"to", to_}}).Increment();
}

void upstream_metrics::asked_without_edns(bool now) {
  if (now && !without_edns_)
    without_edns_ = &all_.without_edns_.Add({{"to", to_}});
  if (without_edns_)
    without_edns_->Set(now);
}

} // namespace troupe
