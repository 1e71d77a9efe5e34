// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/source_report.hpp"

#include "actors/http/utf8.hpp"
#include "net/kube/reflector.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {

using kube::api_status;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using time_point = std::chrono::steady_clock::time_point;

double seconds(time_point since, time_point now) {
  return std::chrono::duration<double>(now - since).count();
}

void add(MetricFamily& to, const source_state& source, kube::resource resource, double value,
         const char* sign = nullptr) {
  ClientMetric m;
  m.label = {{"resource", kube::plural(resource)}};
  if (sign)
    m.label.push_back({"sign", sign});
  m.label.push_back({"source", source.number});
  (to.type == MetricType::Counter ? m.counter.value : m.gauge.value) = value;
  to.metric.push_back(std::move(m));
}

std::string ago(const char* event, time_point since, time_point now) {
  return since == time_point{} ? fmt::format("no {} yet", event)
                               : fmt::format("last {} {:.0f} s ago", event, seconds(since, now));
}

uint64_t all_signs(const api_status& status) {
  uint64_t sum = 0;
  for (auto n : status.fresh.signs)
    sum += n;
  return sum;
}

} // namespace

std::vector<MetricFamily> source_families(const std::vector<source_state>& sources, time_point now) {
  MetricFamily synced{"troupe_kubernetes_synced", "1 once a resource was listed whole.", MetricType::Gauge, {}};
  MetricFamily event_age{
    "troupe_kubernetes_event_age_seconds", "Time since the last event, bookmark or whole list.", MetricType::Gauge, {}};
  MetricFamily list_age{"troupe_kubernetes_list_age_seconds", "Time since the last whole list.", MetricType::Gauge, {}};
  MetricFamily objects{
    "troupe_kubernetes_objects", "Objects that the API server has told of, used or not.", MetricType::Gauge, {}};
  MetricFamily stale{"troupe_kubernetes_stale_total",
                     "Signs that what is known had fallen behind the cluster.",
                     MetricType::Counter,
                     {}};
  MetricFamily skipped{"troupe_kubernetes_skipped_total",
                       "Objects and events that could not be used, or only in part.",
                       MetricType::Counter,
                       {}};
  MetricFamily lists{"troupe_kubernetes_lists_total", "Lists begun.", MetricType::Counter, {}};
  MetricFamily watches{"troupe_kubernetes_watches_total", "Watches begun.", MetricType::Counter, {}};
  MetricFamily audits{
    "troupe_kubernetes_audits_total", "Lists of one object between watches.", MetricType::Counter, {}};
  for (auto& source : sources)
    for (auto& [resource, status] : source.resources) {
      add(synced, source, resource, status.synced);
      if (status.fresh.last_event != time_point{})
        add(event_age, source, resource, seconds(status.fresh.last_event, now));
      if (status.fresh.last_list != time_point{})
        add(list_age, source, resource, seconds(status.fresh.last_list, now));
      add(objects, source, resource, static_cast<double>(status.objects));
      for (size_t i = 0; i < kube::stale_signs.size(); ++i)
        add(stale, source, resource, static_cast<double>(status.fresh.signs[i]), kube::stale_signs[i]);
      add(skipped, source, resource, static_cast<double>(status.skipped));
      add(lists, source, resource, static_cast<double>(status.relists));
      add(watches, source, resource, static_cast<double>(status.watches));
      add(audits, source, resource, static_cast<double>(status.audits));
    }
  return {synced, event_age, list_age, objects, stale, skipped, lists, watches, audits};
}

std::string freshness_text(const api_status& status, time_point now) {
  return fmt::format("{}, {} objects, {}, {}, {} signs of staleness, {} skipped, {}",
                     status.synced ? "synced" : "not synced", status.objects,
                     ago("event", status.fresh.last_event, now), ago("list", status.fresh.last_list, now),
                     all_signs(status), status.skipped,
                     status.last_error.empty() ? "no error" : "error: " + valid_utf8(status.last_error));
}

std::string readiness_text(const std::vector<source_state>& sources, time_point now, const std::string& verdict) {
  const auto mark = [](bool good) { return good ? "[+]" : "[-]"; };
  std::string out;
  for (auto& source : sources) {
    out += fmt::format("{}kubernetes {} ({}): {}\n", mark(source.synced), source.number, valid_utf8(source.origin),
                       source.synced ? "synced" : "not synced");
    for (auto& [resource, status] : source.resources)
      out += fmt::format("{}kubernetes {} {}: {}\n", mark(status.synced), source.number, kube::plural(resource),
                         freshness_text(status, now));
  }
  return out + verdict + "\n";
}

} // namespace troupe
