// SPDX-License-Identifier: Apache-2.0
#include "actors/server/server.hpp"

#include "actors/cluster/watcher.hpp"
#include "actors/http/health_probe.hpp"
#include "actors/http/metrics_text.hpp"
#include "actors/http/process_families.hpp"
#include "actors/http/query_families.hpp"
#include "actors/http/stage_families.hpp"
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

/// Where an address of a page was named: the line of its directive; nothing if it was named outside of the Corefile.
template <class Options>
const config::place* named_at(const std::optional<Options>& options, const std::string& address) {
  return options && !options->at.file.empty() && options->address.text() == address ? &options->at : nullptr;
}

const config::place* named_at(const config::server_block& block, const std::string& page, const std::string& address) {
  return page == "health"       ? named_at(block.health, address)
         : page == "ready"      ? named_at(block.ready, address)
         : page == "prometheus" ? named_at(block.prometheus, address)
                                : named_at(block.actors, address);
}

std::string page_failure(const config::plan& plan, const std::string& page, const listen_error& failed) {
  std::string where;
  for (auto& block : plan.blocks)
    if (const auto* at = named_at(block, page, failed.address); at && where.empty())
      where = at->file + ":" + std::to_string(at->line) + " - ";
  return "plugin/" + page + ": " + where + failed.text() + "; name another address behind '" + page +
         "', or end who has this one";
}

source_state shown_state_of(const source& from) {
  const cluster& of = from.of;
  source_state out{of.prefix.empty() ? "1" : of.prefix.substr(0, of.prefix.find('/')), "manifests", of.synced, {}};
  if (of.client) {
    out.origin = of.client->origin();
    out.resources = of.client->statuses();
  }
  return out;
}

/// Pages of two kinds at one address would each get some of the other's requests.
std::optional<std::string> named_twice(const config::plan& plan) {
  std::vector<config::host_port> seen;
  for (const auto* addresses : {&plan.health, &plan.ready, &plan.prometheus}) {
    for (auto& at : *addresses)
      if (at.port != 0 && std::find(seen.begin(), seen.end(), at) != seen.end())
        return listen_error{at.text(), "two of health, ready and prometheus have this address"}.text();
    seen.insert(seen.end(), addresses->begin(), addresses->end());
  }
  return std::nullopt;
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
    for (auto& [which, status] : source.resources)
      if (!status.synced && !status.last_error.empty())
        log::warning("plugin/kubernetes: still waiting: {}", status.last_error);
}

} // namespace

std::vector<source_state> server::source_states() const {
  std::lock_guard lock{state_};
  std::vector<source_state> out;
  for (auto& each : here_)
    out.push_back(shown_state_of(*each));
  return out;
}

/// Ready once everything was listed; that the API server went away later changes nothing.
http_response server::ready(bool verbose) const {
  int status = 503;
  std::string text = "Shutting down";
  if (!shared_.draining) {
    std::lock_guard lock{state_};
    status = synced() ? 200 : 503;
    text = synced() ? "OK" : "kubernetes";
  }
  if (text == "kubernetes")
    say_not_ready(source_states());
  if (verbose)
    text = readiness_text(source_states(), clock::now(), status == 200 ? "ready" : "not ready: " + text);
  return plain(status, std::move(text));
}

std::vector<actor_info> server::actors_with_details() const {
  std::map<std::string, std::string> details;
  {
    std::lock_guard lock{state_};
    for (auto& each : here_)
      if (each->of.client)
        for (auto& [which, status] : each->of.client->statuses())
          details[each->of.named(watcher::name_of(which))] = freshness_text(status, clock::now());
  }
  auto out = snapshot(shared_.actors);
  for (auto& actor : out)
    if (auto found = details.find(actor.name); found != details.end())
      actor.detail = found->second;
  return out;
}

/// The pages look at the server as it is when they are asked, whatever was reloaded since.
void server::make_pages() {
  const http_page health = [this] {
    const watchdog* watching = watching_;
    return watching && watching->stalled() ? plain(503, "a loop is stuck") : plain(200, "OK");
  };
  auto actors = [this] { return actors_with_details(); };
  std::vector<metrics_source> metrics{[this] { return query_families(shared_.metrics.totals()); },
                                      [this] { return shared_.server.collect(); },
                                      [this] { return shared_.proxies.collect(); },
                                      [this] { return shared_.caches.families(); },
                                      [this] { return stage_families(shared_.autopath); },
                                      [] { return log_families(log::lost()); },
                                      [] { return process_families(); },
                                      [actors] { return actor_families(actors()); },
                                      [this] { return slot_families(); },
                                      [this] { return source_families(source_states(), clock::now()); }};
  const auto probe = [this](const config::host_port& own) -> std::shared_ptr<void> {
    try {
      return std::make_shared<health_probe>(own.host, own.port, shared_.server);
    } catch (const std::exception& e) { // no thread to be had: it only counts
      log::warning("plugin/health: nobody asks {}: {}", own.text(), failure_text(e));
      return nullptr;
    }
  };
  const auto add = [this](auto&&... parts) { pages_.push_back(std::make_shared<page_set>(std::move(parts)...)); };
  using config::plan;
  add("health", "health", &plan::health, http_routes{{"/health", health}}, http_hosts::any, probe);
  add("ready", "health", &plan::ready,
      http_routes{{"/ready", [this] { return ready(false); }}, {"/ready?verbose", [this] { return ready(true); }}});
  add("prometheus", "metrics", &plan::prometheus, http_routes{{"/metrics", metrics_page(metrics)}});
  add("actors", "metrics", &plan::actors, actors_routes(actors), http_hosts::own);
}

std::optional<std::string> server::open_pages(change& to) {
  if (auto twice = named_twice(*to.plan))
    return twice;
  std::vector<uint16_t> given_up;
  for (auto& pages : pages_)
    pages->add_left(*to.plan, given_up);
  for (auto& pages : pages_) {
    // Without its metrics or `/ready` the server serves, as CoreDNS does, which says nothing of the latter.
    const bool optional = pages->name == "actors" ? !to.plan->actors_named : pages->name != "health";
    auto fresh = pages->open_missing(*to.plan, given_up, optional);
    if (auto* failed = std::get_if<listen_error>(&fresh))
      return page_failure(*to.plan, pages->name, *failed);
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
