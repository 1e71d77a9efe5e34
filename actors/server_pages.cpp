// SPDX-License-Identifier: Apache-2.0
#include "actors/server.hpp"

#include "actors/http/actors_page.hpp"
#include "actors/http/health_probe.hpp"
#include "actors/http/metrics_text.hpp"
#include "actors/http/process_families.hpp"
#include "actors/http/query_families.hpp"
#include "actors/http/stage_families.hpp"

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

http_response plain(int status, const char* text) {
  return {status, "text/plain; charset=utf-8", text};
}

} // namespace

/// The pages look at the server as it is when they are asked, whatever was reloaded since.
void server::make_pages() {
  const http_page health = [this] {
    const watchdog* watching = watching_;
    return watching && watching->stalled() ? plain(503, "a loop is stuck") : plain(200, "OK");
  };
  const http_page ready = [this] {
    if (shared_.draining)
      return plain(503, "Shutting down");
    std::lock_guard lock{state_};
    return synced() ? plain(200, "OK") : plain(503, "kubernetes");
  };
  auto actors = [this] { return snapshot(shared_.actors); };
  std::vector<metrics_source> metrics{[this] { return query_families(shared_.metrics.totals()); },
                                      [this] { return shared_.server.collect(); },
                                      [this] { return shared_.proxies.collect(); },
                                      [this] { return shared_.caches.families(); },
                                      [this] { return stage_families(shared_.autopath); },
                                      [] { return process_families(); },
                                      [actors] { return actor_families(actors()); },
                                      [this] { return slot_families(); }};
  const auto probe = [this](const config::host_port& own) -> std::shared_ptr<void> {
    return std::make_shared<health_probe>(own.host, own.port, shared_.server);
  };
  const auto add = [this](auto&&... parts) { pages_.push_back(std::make_shared<page_set>(std::move(parts)...)); };
  using config::plan;
  add("health", "health", &plan::health, http_routes{{"/health", health}}, probe);
  add("ready", "health", &plan::ready, http_routes{{"/ready", ready}});
  add("prometheus", "metrics", &plan::prometheus, http_routes{{"/metrics", metrics_page(metrics)}});
  add("actors", "metrics", &plan::actors, actors_routes(actors));
}

std::optional<std::string> server::open_pages(change& to) {
  std::vector<uint16_t> given_up;
  for (auto& pages : pages_)
    pages->add_left(*to.plan, given_up);
  for (auto& pages : pages_) {
    const bool optional = pages->name == "actors" && !to.plan->actors_named;
    auto fresh = pages->open_missing(*to.plan, given_up, optional);
    if (auto* failed = std::get_if<listen_error>(&fresh))
      return failed->text();
    to.pages.push_back(std::move(std::get<page_set::opened>(fresh)));
  }
  return std::nullopt;
}

/// `before`: the plan until now, null at the start.
void server::enter_pages(change& to, const config::plan* before) {
  for (auto& pages : pages_)
    pages->leave(*to.plan);
  for (size_t i = 0; i < pages_.size(); ++i) {
    auto& pages = pages_[i];
    pages->enter(*to.plan, std::move(to.pages[i]));
    const bool was_there = before && pages->named_in(*before), is_there = pages->named_in(*to.plan);
    if (is_there && !was_there)
      tell(supervisor_, adopt{page_child(pages), nullptr});
    else if (was_there && !is_there)
      dismiss_children({pages->name});
  }
}

} // namespace troupe
