// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/metric_labels.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The CoreDNS whose Corefile, answers and metrics we are compatible with.
inline constexpr std::string_view coredns_version = "1.14.7";

/// One exchange with the API server.
struct api_request {
  std::string_view host;   ///< `10.96.0.1:443`
  std::string_view method; ///< `GET`
  int code = 0;            ///< HTTP status; 0: no answer
  std::chrono::duration<double> took{0};
  std::chrono::duration<double> held_back{0}; ///< by our own limit of requests a second, before it was sent
};

/// A series of `coredns_plugin_enabled`: whose plugin, and its name (`errors`, `kubernetes`, …).
struct enabled_plugin {
  net::metric_labels labels;
  std::string name;

  auto operator<=>(const enabled_plugin&) const = default;
};
using plugin_set = std::set<enabled_plugin>;

/// What is counted off the path of a query, under CoreDNS's names: prometheus-cpp's own metrics, whose locks do not
/// matter here. Thread: any.
class server_metrics {
public:
  /// `revision` and `toolchain` say what this was built from and with; both may be empty.
  server_metrics(const std::string& revision, const std::string& toolchain);

  /// A handler let an exception out (what CoreDNS counts as a panic).
  void panic() { panics_.Increment(); }

  /// These plugins and no others are in use from now on.
  void plugins_enabled(const plugin_set& all);

  /// Counted whether `reload` is in the Corefile or not: SIGUSR1 reloads, too.
  void reload_failed() { reload_failures_.Increment(); }
  /// A reload was tried with the configuration of this digest (hexadecimal SHA-512).
  void configuration(const std::string& digest);

  /// The server asked its own /health; `failed`: it got no answer.
  void health_probe(std::chrono::duration<double> took, bool failed);

  /// From the change of a service's endpoints to answers that show it. `service_kind` is `cluster_ip` or
  /// `headless_with_selector`.
  void dns_programming(std::string_view service_kind, std::chrono::duration<double> took);

  /// Counts under `coredns_kubernetes_rest_client_*`.
  void api(const api_request& request);

  std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

private:
  prometheus::Registry registry_;
  std::mutex mutex_; ///< for the two below
  std::map<enabled_plugin, prometheus::Gauge*> enabled_;
  prometheus::Gauge* version_ = nullptr;
  prometheus::Counter& panics_;
  prometheus::Counter& reload_failures_;
  prometheus::Counter& health_failures_;
  prometheus::Histogram& health_durations_;
  prometheus::Family<prometheus::Gauge>& plugins_;
  prometheus::Family<prometheus::Histogram>& programming_;
  prometheus::Family<prometheus::Histogram>& api_durations_;
  prometheus::Family<prometheus::Histogram>& api_waits_;
  prometheus::Family<prometheus::Counter>& api_requests_;
};

} // namespace troupe
