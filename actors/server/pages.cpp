// SPDX-License-Identifier: Apache-2.0
#include "actors/server/pages.hpp"

#include "actors/cluster/watcher.hpp"
#include "actors/http/health_probe.hpp"
#include "actors/http/metrics_text.hpp"
#include "actors/http/process_families.hpp"
#include "actors/http/query_families.hpp"
#include "actors/runtime/actor_context.hpp"
#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <atomic>

namespace troupe {

namespace {

std::vector<actor_info> snapshot(const registry& actors) {
  std::vector<actor_info> out;
  for (auto& stats : actors.all()) {
    actor_info info;
    info.name = stats->identity.name;
    info.kind = stats->identity.kind;
    info.parent = stats->identity.parent;
    if (stats->identity.loop)
      info.loop = static_cast<int>(*stats->identity.loop);
    info.state = to_text(stats->state);
    info.messages = stats->messages;
    info.queries = stats->queries;
    info.processing_ns = stats->processing_ns;
    info.mailbox_now = stats->mailbox;
    info.mailbox_peak = stats->mailbox_peak;
    info.restarts = stats->restarts;
    info.last_failure = stats->last_failure();
    out.push_back(std::move(info));
  }
  return out;
}

http_response plain(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

using clock = std::chrono::steady_clock;

source_state shown_state_of(const cluster_group& from) {
  const cluster_tables& tables = from.tables;
  source_state out{
    tables.prefix.empty() ? "1" : tables.prefix.substr(0, tables.prefix.find('/')), "manifests", tables.synced, {}};
  if (tables.client) {
    out.origin = tables.client->origin();
    out.resources = tables.client->statuses();
  }
  return out;
}

/// What the server waits for, with the reason that it knows. Whoever may ask for `/ready` can have this said, so not
/// more often than that.
void say_not_ready(const std::vector<source_state>& sources) {
  constexpr auto often = std::chrono::seconds{5};
  static std::atomic<clock::rep> next{0};
  auto due = next.load();
  const auto now = clock::now().time_since_epoch();
  if (now.count() < due || !next.compare_exchange_strong(due, (now + often).count()))
    return;
  log::info("plugin/ready: Plugins not ready: \"kubernetes\"");
  for (auto& source : sources)
    for (auto& [resource, status] : source.resources)
      if (!status.synced && !status.last_error.empty())
        log::warning("plugin/kubernetes: still waiting: {}", status.last_error);
}

} // namespace

pages::pages(actor_tree& actors, actor_context& shared, meters& counts, const endpoint_set& endpoints,
             current_clusters clusters)
  : actors_(actors), shared_(shared), counts_(counts), endpoints_(endpoints), clusters_(std::move(clusters)) {
  add_sets();
}

std::vector<source_state> pages::source_states() const {
  std::vector<source_state> out;
  for (auto& each : clusters_())
    out.push_back(shown_state_of(*each));
  return out;
}

/// Ready once everything was listed; that the API server went away later changes nothing.
http_response pages::ready(bool verbose) const {
  int status = 503;
  std::string text = "Shutting down";
  if (!shared_.draining) {
    const bool all = all_synced(clusters_());
    status = all ? 200 : 503;
    text = all ? "OK" : "kubernetes";
  }
  if (text == "kubernetes")
    say_not_ready(source_states());
  if (verbose)
    text = readiness_text(source_states(), clock::now(), status == 200 ? "ready" : "not ready: " + text);
  return plain(status, std::move(text));
}

std::vector<actor_info> pages::actors_with_details() const {
  std::map<std::string, std::string> details;
  for (auto& each : clusters_())
    if (each->tables.client)
      for (auto& [resource, status] : each->tables.client->statuses())
        details[each->tables.named(watcher::name_of(resource))] = freshness_text(status, clock::now());
  auto out = snapshot(shared_.actors);
  for (auto& actor : out)
    if (auto found = details.find(actor.name); found != details.end())
      actor.detail = found->second;
  return out;
}

std::vector<metrics_source> pages::metrics() const {
  const auto actors = [this] { return actors_with_details(); };
  return {[this] { return query_families(counts_.queries.totals()); },
          [this] { return counts_.server.collect(); },
          [this] { return counts_.proxies.collect(); },
          [this] { return counts_.caches.families(); },
          [this] { return counts_.stages.families(); },
          [] { return log_families(log::lost()); },
          [] { return process_families(); },
          [actors] { return actor_families(actors()); },
          [this] { return endpoints_.families(); },
          [this] { return source_families(source_states(), clock::now()); }};
}

void pages::add_sets() {
  const http_page health = [this] { return actors_.stalled() ? plain(503, "a loop is stuck") : plain(200, "OK"); };
  const auto probe = [this](const config::host_port& own) -> std::shared_ptr<void> {
    try {
      return std::make_shared<health_probe>(own.host, own.port, counts_.server);
    } catch (const std::exception& e) { // no thread to be had: it only counts
      log::warning("plugin/health: nobody asks {}: {}", own.text(), failure_text(e));
      return nullptr;
    }
  };
  const auto add = [this](auto&&... parts) { sets_.push_back(std::make_shared<page_set>(std::move(parts)...)); };
  using config::plan;
  add("health", "health", &plan::health, http_routes{{"/health", health}}, http_hosts::any, probe);
  add("ready", "health", &plan::ready,
      http_routes{{"/ready", [this] { return ready(false); }}, {"/ready?verbose", [this] { return ready(true); }}});
  add("prometheus", "metrics", &plan::prometheus, http_routes{{"/metrics", metrics_page(metrics())}});
  add("actors", "metrics", &plan::actors, actors_routes([this] { return actors_with_details(); }), http_hosts::own);
}

} // namespace troupe
