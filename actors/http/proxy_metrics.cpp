// SPDX-License-Identifier: Apache-2.0
#include "actors/http/proxy_metrics.hpp"

#include "net/metric_labels.hpp"

namespace troupe {

namespace {

constexpr const char* proxy_name = "forward"; ///< value of the label: the directive that the proxy serves

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(r);
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

} // namespace

proxy_metrics::proxy_metrics()
  : broken_(counters(registry_, "coredns_forward_healthcheck_broken_total",
                     "Times that all upstreams of a forward were down.")
              .Add({})),
    rejects_(counters(registry_, "coredns_forward_max_concurrent_rejects_total",
                      "Queries refused because max_concurrent was reached.")
               .Add({})),
    durations_(histograms(registry_, "coredns_proxy_request_duration_seconds", "Time that upstreams took to answer.")),
    probe_failures_(
      counters(registry_, "coredns_proxy_healthcheck_failures_total", "Probes of upstreams that got no answer.")),
    reused_(counters(registry_, "coredns_proxy_conn_cache_hits_total", "Connections taken from those kept.")),
    made_(counters(registry_, "coredns_proxy_conn_cache_misses_total", "Connections made.")),
    old_requests_(counters(registry_, "coredns_forward_requests_total", "Answered questions per upstream.")),
    old_responses_(counters(registry_, "coredns_forward_responses_total", "Answers per upstream and code.")),
    old_durations_(
      histograms(registry_, "coredns_forward_request_duration_seconds", "Time that upstreams took to answer.")),
    old_probe_failures_(
      counters(registry_, "coredns_forward_healthcheck_failures_total", "Probes of upstreams that got no answer.")) {}

void proxy_metrics::request(const std::string& to, uint16_t rcode, std::chrono::duration<double> took) {
  const std::string code = rcode_text(rcode);
  durations_.Add({{"proxy_name", proxy_name}, {"to", to}, {"rcode", code}}, durations()).Observe(took.count());
  old_requests_.Add({{"to", to}}).Increment();
  old_responses_.Add({{"to", to}, {"rcode", code}}).Increment();
  old_durations_.Add({{"to", to}, {"rcode", code}}, durations()).Observe(took.count());
}

void proxy_metrics::connection(const std::string& to, bool tcp, bool reused) {
  (reused ? reused_ : made_).Add({{"proxy_name", proxy_name}, {"to", to}, {"proto", tcp ? "tcp" : "udp"}}).Increment();
}

void proxy_metrics::probe_failed(const std::string& to) {
  probe_failures_.Add({{"proxy_name", proxy_name}, {"to", to}}).Increment();
  old_probe_failures_.Add({{"to", to}}).Increment();
}

} // namespace troupe
