// SPDX-License-Identifier: Apache-2.0
#include "actors/http/server_metrics.hpp"

#include "actors/http/utf8.hpp"

namespace troupe {

namespace {

using buckets = prometheus::Histogram::BucketBoundaries;

/// `count` bounds from `first` on, each `factor` times the one before.
buckets growing(double first, double factor, int count) {
  buckets result;
  for (int i = 0; i < count; ++i, first *= factor)
    result.push_back(first);
  return result;
}

const buckets& api_buckets() {
  static const buckets b{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return b;
}

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(r);
}

prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(r);
}

} // namespace

server_metrics::server_metrics(const std::string& revision, const std::string& toolchain)
  : panics_(counters(registry_, "coredns_panics_total", "Exceptions that handlers let out.").Add({})),
    reload_failures_(
      counters(registry_, "coredns_reload_failed_total", "Reloads that failed; the old configuration served on.")
        .Add({})),
    health_failures_(
      counters(registry_, "coredns_health_request_failures_total", "Times that the server's own /health failed.")
        .Add({})),
    health_durations_(
      histograms(registry_, "coredns_health_request_duration_seconds", "Time that the server's own /health took.")
        .Add({}, growing(0.00025, 10, 5))),
    plugins_(gauges(registry_, "coredns_plugin_enabled", "1 for each plugin of each server and zone.")),
    programming_(histograms(registry_, "coredns_kubernetes_dns_programming_duration_seconds",
                            "Time from a change in the cluster to answers that show it.")),
    api_durations_(histograms(registry_, "coredns_kubernetes_rest_client_request_duration_seconds",
                              "Time that requests to the API server took, by verb and host.")),
    api_waits_(histograms(registry_, "coredns_kubernetes_rest_client_rate_limiter_duration_seconds",
                          "Time that our own limits held requests to the API server back, by verb and host.")),
    api_requests_(counters(registry_, "coredns_kubernetes_rest_client_requests_total",
                           "Requests to the API server, by status code, method and host.")) {
  gauges(registry_, "coredns_build_info", "The CoreDNS that this server is compatible with, and what built it.")
    .Add({{"version", std::string{coredns_version}}, {"revision", revision}, {"goversion", toolchain}})
    .Set(1);
}

void server_metrics::plugins_enabled(const plugin_set& all) {
  std::lock_guard guard{mutex_};
  std::erase_if(enabled_, [&](auto& entry) {
    if (all.count(entry.first) != 0)
      return false;
    plugins_.Remove(entry.second);
    return true;
  });
  for (auto& plugin : all) {
    auto& gauge = enabled_[plugin];
    if (gauge)
      continue;
    gauge = &plugins_.Add({{"server", valid_utf8(plugin.labels.server)},
                           {"zone", valid_utf8(plugin.labels.zone)},
                           {"view", valid_utf8(plugin.labels.view)},
                           {"name", plugin.name}});
    gauge->Set(1);
  }
}

void server_metrics::configuration(const std::string& digest) {
  auto& versions = gauges(registry_, "coredns_reload_version_info", "1 for the configuration that was loaded last.");
  std::lock_guard guard{mutex_};
  if (version_)
    versions.Remove(version_);
  version_ = &versions.Add({{"hash", "sha512"}, {"value", digest}});
  version_->Set(1);
}

void server_metrics::health_probe(std::chrono::duration<double> took, bool failed) {
  health_durations_.Observe(took.count());
  if (failed)
    health_failures_.Increment();
}

void server_metrics::dns_programming(std::string_view service_kind, std::chrono::duration<double> took) {
  programming_.Add({{"service_kind", std::string{service_kind}}}, growing(0.001, 2, 20)).Observe(took.count());
}

void server_metrics::api(const api_request& request) {
  const std::string host = valid_utf8(request.host), method{request.method};
  api_durations_.Add({{"verb", method}, {"host", host}}, api_buckets()).Observe(request.took.count());
  api_waits_.Add({{"verb", method}, {"host", host}}, api_buckets()).Observe(request.held_back.count());
  // Go's client writes the word where there was no answer.
  const auto code = request.code == 0 ? std::string{"<error>"} : std::to_string(request.code);
  api_requests_.Add({{"code", code}, {"method", method}, {"host", host}}).Increment();
}

} // namespace troupe
