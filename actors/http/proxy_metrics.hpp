// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/protocol.hpp"
#include "net/metric_labels.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// What `forward` counts: CoreDNS's `coredns_proxy_*` and `coredns_forward_*`, and the names that these had until
/// CoreDNS 1.11, which dashboards still ask for; and `troupe_forward_without_edns` of upstreams that were once found to
/// fail over EDNS. Per question that leaves the server, so locks do not matter. Thread:
/// any.
class proxy_metrics {
public:
  proxy_metrics();

  /// All upstreams of a `forward` are down.
  void none_healthy() { broken_.Increment(); }
  /// `max_concurrent` was reached.
  void rejected() { rejects_.Increment(); }

  /// The old names' figures are those of the new ones.
  std::vector<prometheus::MetricFamily> collect() const;

private:
  friend class upstream_metrics;

  prometheus::Registry registry_;
  prometheus::Counter& broken_;
  prometheus::Counter& rejects_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& probe_failures_;
  prometheus::Family<prometheus::Counter>& reused_;
  prometheus::Family<prometheus::Counter>& made_;
  prometheus::Family<prometheus::Gauge>& without_edns_;
};

/// What is counted about one upstream, by one of its actors. Series are looked up once, when they get their first
/// count. Thread: one.
class upstream_metrics {
public:
  /// `all` must outlive it. `to`: `10.0.0.1:53`.
  upstream_metrics(proxy_metrics& all, std::string to, bool tls = false) : all_(all), to_(std::move(to)), tls_(tls) {}

  /// It answered with `rcode` after `took`.
  void request(uint16_t rcode, std::chrono::duration<double> took);
  /// A connection was taken from those kept, or made.
  void connection(dns::protocol by, bool reused);
  void probe_failed();
  /// Whether it is, at present. An upstream with which there was never trouble has no series.
  void asked_without_edns(bool now);

private:
  proxy_metrics& all_;
  const std::string to_;
  const bool tls_; ///< its streams' label `proto` is CoreDNS's for TLS
  std::array<prometheus::Histogram*, net::rcode_slots> durations_{};
  prometheus::Counter* connections_[dns::protocols.size()][2]{}; ///< by protocol and reused
  prometheus::Gauge* without_edns_ = nullptr;
};

} // namespace troupe
