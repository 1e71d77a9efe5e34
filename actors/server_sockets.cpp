// SPDX-License-Identifier: Apache-2.0
#include "actors/log.hpp"
#include "actors/server.hpp"

#include "actors/http/actors_page.hpp"
#include "actors/http/endpoint_families.hpp"
#include "actors/http/health_probe.hpp"
#include "actors/http/metrics_text.hpp"
#include "actors/http/process_families.hpp"
#include "actors/http/query_families.hpp"

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

http_page ready_page(const sources& all, const process& shared) {
  return [&all, &shared]() -> http_response {
    if (shared.draining)
      return {503, "text/plain; charset=utf-8", "Shutting down"};
    for (auto& of : all.all)
      if (!of->synced)
        return {503, "text/plain; charset=utf-8", "kubernetes"};
    return {200, "text/plain; charset=utf-8", "OK"};
  };
}

} // namespace

std::optional<std::string> server::prepare() {
  auto made = sources::make(*plan_, shared_);
  if (auto* failed = std::get_if<std::string>(&made))
    return *failed;
  sources_ = std::move(std::get<sources>(made));
  forwards_ = forwards::make(*plan_, {}, loop_count_);
  caches_ = caches::make(*plan_, {});
  if (auto failed = open_sockets())
    return failed;
  return open_pages();
}

std::optional<std::string> server::open_sockets() {
  for (auto& listener : plan_->listeners) {
    if (!listener.host.empty()) {
      if (auto failed = open_address(listener, listener.host))
        return failed;
      continue;
    }
    if (auto failed = open_address(listener, "0.0.0.0"))
      return failed;
    if (net::has_ipv6())
      if (auto failed = open_address(listener, "::"))
        return failed;
  }
  return std::nullopt;
}

/// One UDP and one TCP socket per loop, all on one port, also where the kernel chose it.
std::optional<std::string> server::open_address(const config::listener_plan& listener, const std::string& host) {
  auto at = net::socket_address::from_text(host, listener.port);
  if (!at)
    return "listen " + host + ": not an address";
  for (auto& other : opened_)
    if (other.listener == &listener && listener.port == 0)
      at->set_port(net::bound_address(other.udp.get()).port());
  for (size_t i = 0; i < (listener.sockets ? listener.sockets : loop_count_); ++i) {
    auto udp = net::open_udp(*at);
    if (auto* failed = std::get_if<net::socket_error>(&udp))
      return failed->what;
    at->set_port(net::bound_address(std::get<net::descriptor>(udp).get()).port());
    auto tcp = net::open_tcp(*at);
    if (auto* failed = std::get_if<net::socket_error>(&tcp))
      return failed->what;
    opened_.push_back({&listener, at->to_text(), i, std::move(std::get<net::descriptor>(udp)),
                       std::move(std::get<net::descriptor>(tcp))});
  }
  return std::nullopt;
}

std::optional<std::string> server::open_pages() {
  const http_page ok = [] { return http_response{200, "text/plain; charset=utf-8", "OK"}; };
  auto actors = [this] { return snapshot(shared_.actors); };
  std::vector<metrics_source> metrics{[this] { return query_families(shared_.metrics.totals()); },
                                      [this] { return shared_.server.collect(); },
                                      [this] { return shared_.proxies.collect(); },
                                      [this] { return shared_.caches.families(); },
                                      [] { return process_families(); },
                                      [actors] { return actor_families(actors()); },
                                      [this] { return endpoint_families(endpoint_counts()); }};
  auto probe = [this]() -> std::shared_ptr<void> {
    const auto& own = plan_->health.front();
    return std::make_shared<health_probe>(own.host, own.port, shared_.server);
  };
  add_pages({"health", "health", plan_->health, {{"/health", ok}}, false, probe});
  add_pages({"ready", "health", plan_->ready, {{"/ready", ready_page(sources_, shared_)}}});
  add_pages({"prometheus", "metrics", plan_->prometheus, {{"/metrics", metrics_page(metrics)}}});
  add_pages({"actors", "metrics", plan_->actors, actors_routes(actors), !plan_->actors_named});
  for (auto& pages : pages_)
    if (auto failed = troupe::open_pages(*pages))
      return failed->text();
  return std::nullopt;
}

endpoint_list server::endpoint_counts() const {
  endpoint_list out;
  if (endpoints_made_)
    for (auto& e : endpoints_)
      out.emplace_back(e->name.starts_with("listener/udp") ? "udp" : "tcp", &e->socket->counters());
  return out;
}

void server::add_pages(page_set pages) {
  if (!pages.addresses.empty())
    pages_.push_back(std::make_shared<page_set>(std::move(pages)));
}

} // namespace troupe
