// SPDX-License-Identifier: Apache-2.0
#include "actors/http/metrics_text.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <locale>
#include <map>
#include <sstream>

namespace troupe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct kind_sums {
  uint64_t running = 0, messages = 0, queries = 0, processing_ns = 0, mailbox = 0, mailbox_peak = 0, restarts = 0;
};

std::map<std::string, kind_sums> sums_by_kind(const std::vector<actor_info>& actors) {
  std::map<std::string, kind_sums> kinds;
  for (auto& a : actors) {
    auto& k = kinds[a.kind];
    k.running += a.state == "running";
    k.messages += a.messages;
    k.queries += a.queries;
    k.processing_ns += a.processing_ns;
    k.mailbox += a.mailbox_now;
    k.mailbox_peak = std::max(k.mailbox_peak, a.mailbox_peak);
    k.restarts += a.restarts;
  }
  return kinds;
}

/// One series per kind; `value` picks the number.
MetricFamily by_kind(const char* name, const char* help, MetricType type, const std::map<std::string, kind_sums>& kinds,
                     uint64_t kind_sums::*value) {
  MetricFamily family{name, help, type, {}};
  for (auto& [kind, sums] : kinds) {
    ClientMetric m;
    m.label = {{"name", kind}};
    (type == MetricType::Counter ? m.counter.value : m.gauge.value) = static_cast<double>(sums.*value);
    family.metric.push_back(std::move(m));
  }
  return family;
}

MetricFamily processing_times(const std::map<std::string, kind_sums>& kinds) {
  MetricFamily family{
    "caf_actor_processing_time_seconds", "Time spent in the handlers of actors, by kind.", MetricType::Summary, {}};
  for (auto& [kind, sums] : kinds) {
    ClientMetric m;
    m.label = {{"name", kind}};
    m.summary.sample_count = sums.messages;
    m.summary.sample_sum = static_cast<double>(sums.processing_ns) / 1e9;
    family.metric.push_back(std::move(m));
  }
  return family;
}

MetricFamily processed_messages(const std::map<std::string, kind_sums>& kinds) {
  ClientMetric m;
  for (auto& [kind, sums] : kinds)
    m.counter.value += static_cast<double>(sums.messages);
  return {"caf_system_processed_messages_total", "Messages that actors handled.", MetricType::Counter, {m}};
}

} // namespace

std::vector<MetricFamily> actor_families(const std::vector<actor_info>& actors) {
  const auto kinds = sums_by_kind(actors);
  return {
    by_kind("caf_system_running_actors", "Actors that run, by kind.", MetricType::Gauge, kinds, &kind_sums::running),
    processed_messages(kinds),
    processing_times(kinds),
    by_kind("caf_actor_mailbox_size", "Messages that wait, by kind.", MetricType::Gauge, kinds, &kind_sums::mailbox),
    by_kind("troupe_actor_mailbox_peak", "Most messages that ever waited for one actor of the kind.", MetricType::Gauge,
            kinds, &kind_sums::mailbox_peak),
    by_kind("troupe_actor_queries_total", "Queries answered, by kind of actor.", MetricType::Counter, kinds,
            &kind_sums::queries),
    by_kind("troupe_actor_restarts_total", "Restarts after a failure, by kind of actor.", MetricType::Counter, kinds,
            &kind_sums::restarts),
  };
}

std::string metrics_text(std::vector<MetricFamily> families) {
  std::erase_if(families, [](const MetricFamily& f) { return f.metric.empty(); });
  std::sort(families.begin(), families.end(), [](auto& a, auto& b) { return a.name < b.name; });
  for (auto& f : families)
    std::sort(f.metric.begin(), f.metric.end(), [](auto& a, auto& b) { return a.label < b.label; });
  std::ostringstream out;
  out.imbue(std::locale::classic());
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

std::string only_families(std::string_view text, const std::vector<std::string>& names) {
  constexpr std::string_view head = "# HELP ";
  std::string out;
  for (size_t at = text.find(head), next; at < text.size(); at = next) {
    next = text.find("\n# HELP ", at);
    next = next == text.npos ? text.size() : next + 1;
    const std::string_view family = text.substr(at, next - at), behind = family.substr(head.size());
    if (std::find(names.begin(), names.end(), behind.substr(0, behind.find(' '))) != names.end())
      out += family;
  }
  return out;
}

http_page metrics_page(std::vector<metrics_source> sources) {
  return [sources = std::move(sources)] {
    std::vector<MetricFamily> families;
    for (auto& source : sources) {
      auto some = source();
      families.insert(families.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    return http_response{200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(std::move(families)),
                         only_families, true};
  };
}

} // namespace troupe
