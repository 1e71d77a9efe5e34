// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// What `forward` counts: CoreDNS's `coredns_proxy_*` and `coredns_forward_*`, and the names that these had until
/// CoreDNS 1.11, which dashboards still ask for. Per question that leaves the server, so locks do not matter. Thread:
/// any.
class proxy_metrics {
public:
  proxy_metrics();

  /// An upstream answered with `rcode` after `took`. `to`: `10.0.0.1:53`.
  void request(const std::string& to, uint16_t rcode, std::chrono::duration<double> took);
  /// A connection was taken from those kept, or made.
  void connection(const std::string& to, bool tcp, bool reused);
  void probe_failed(const std::string& to);
  /// All upstreams of a `forward` are down.
  void none_healthy() { broken_.Increment(); }
  /// `max_concurrent` was reached.
  void rejected() { rejects_.Increment(); }

  std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

private:
  prometheus::Registry registry_;
  prometheus::Counter& broken_;
  prometheus::Counter& rejects_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& probe_failures_;
  prometheus::Family<prometheus::Counter>& reused_;
  prometheus::Family<prometheus::Counter>& made_;
  prometheus::Family<prometheus::Counter>& old_requests_;
  prometheus::Family<prometheus::Counter>& old_responses_;
  prometheus::Family<prometheus::Histogram>& old_durations_;
  prometheus::Family<prometheus::Counter>& old_probe_failures_;
};

} // namespace troupe
