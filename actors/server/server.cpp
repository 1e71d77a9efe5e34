// SPDX-License-Identifier: Apache-2.0
#include "actors/server/server.hpp"

#include "actors/cluster/notify.hpp"
#include "actors/forwarding/loop_detector.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/log.hpp"
#include "actors/stages/zone_watches.hpp"
#include "messages/loop.hpp"
#include "messages/notify.hpp"

#include <stdexcept>

namespace troupe {

namespace {

constexpr std::chrono::seconds drain_limit{5};

/// Questions of the server's own bring their plan with them.
const listener::current_plan_cell no_plan;

} // namespace

server::server(std::shared_ptr<const config::plan> plan, size_t loops)
  : counts_(loops), actors_(loops), first_(change{std::move(plan)}) {}

server::~server() {
  if (actors_.started())
    stop();
}

std::optional<std::string> server::prepare() {
  auto made = parts_.of_plan(*first_->plan);
  if (auto* failed = std::get_if<std::string>(&made))
    return *failed;
  first_->parts = std::move(std::get<parts_of_plan>(made));
  {
    std::lock_guard lock{mutex_};
    clusters_ = first_->parts.clusters;
  }
  if (auto failed = endpoints_.open(*first_->plan, first_->fresh_endpoints, [] { return false; }))
    return failed;
  return pages_.open(*first_->plan, first_->fresh_pages);
}

void server::start() {
  actors_.start(shared_);
  start_subqueries();
  const spawn_site site = actors_.site();
  actors_.adopt(site.make<loop_detector>({"loop", "loop", "supervisor", 0}, site.loops[0], std::ref(probes_)));
  actors_.adopt(site.make<notify>({"notify", "notify", "supervisor", 0}, site.loops[0], std::cref(notifies_)));
  parts_.start(first_->parts, *first_->plan, subqueries_);
  pages_.enter(std::move(first_->fresh_pages), *first_->plan, nullptr);
}

void server::start_subqueries() {
  const spawn_site site = actors_.site();
  for (size_t i = 0; i < site.loops.size(); ++i) {
    actors_.run_on(i, [&] { subqueries_.push_back(std::make_unique<net::subquery_endpoint>(site.loops[i]->loop)); });
    net::endpoint& own = *subqueries_[i];
    actors_.adopt(site.make<listener>({"listener/own/" + std::to_string(i), "listener", "supervisor", i}, site.loops[i],
                                      std::ref(own), std::cref(no_plan), std::ref(counts_.server)));
  }
}

void server::listen() {
  if (auto failed = endpoints_.watch(*first_->plan, first_->fresh_endpoints))
    throw std::runtime_error(*failed);
  enter(*first_);
  first_.reset();
}

std::shared_ptr<const config::plan> server::plan() const {
  std::lock_guard lock{mutex_};
  return plan_;
}

part_list<cluster_group> server::clusters() const {
  std::lock_guard lock{mutex_};
  return clusters_;
}

void server::add(const actor_identity& who, const std::function<caf::strong_actor_ptr(caf::actor_system&)>& start) {
  actors_.adopt(make_child(who, [start, &system = actors_.site().system] { return start(system); }));
}

std::vector<loop_resources> server::resources_of(const change& to) {
  std::vector<loop_resources> out;
  const auto addresses = host::local_addresses();
  for (size_t i = 0; i < actors_.loop_count(); ++i) {
    auto& resources = out.emplace_back(loop_resources{i, shared_, counts_, {}, addresses});
    resources.probes = &probes_;
    resources.subqueries = subqueries_[i].get();
    resources.files = &files_;
    for (auto& each : to.parts.clusters)
      resources.clusters.emplace(each->identity, std::shared_ptr<cluster_on_loop>{each, each->on_loop[i].get()});
    for (auto& each : to.parts.forwards)
      resources.forwards.emplace(each->identity, each);
    for (auto& each : to.parts.caches)
      resources.caches.emplace(each->identity, each);
  }
  return out;
}

/// From here on the server is that of the plan.
void server::enter(change& to) {
  log::show_debug(to.plan->debug);
  const auto plugins = endpoints_.enter(std::move(to.fresh_endpoints), to.plan, resources_of(to));
  counts_.server.plugins_enabled(plugins);
  probes_.watch(loop_watches(*to.plan, to.parts.forwards));
  tell(shared_.where.find<loop_actor>("loop"), begin_atom::value);
  {
    std::lock_guard lock{mutex_};
    plan_ = to.plan;
    clusters_ = to.parts.clusters;
  }
  begin_notifying();
}

void server::begin_notifying() {
  const auto current = plan();
  auto watches = watches_of(*current, clusters());
  add_file_watches(*current, files_, watches);
  notifies_.watch(std::move(watches));
  tell(shared_.where.find<notify_actor>("notify"), begin_atom::value);
}

void server::follow_files() {
  if (files_.look(std::chrono::steady_clock::now()))
    begin_notifying();
}

/// Accept off, in flight to nothing, actors, endpoints, loops (design part 6). Some of it is not there if the start
/// failed.
void server::stop() {
  shared_.draining = true;
  if (!endpoints_.drain(drain_limit))
    log::warning("server: queries were still in flight after {} s", drain_limit.count());
  parts_.stop_clients();
  actors_.stop_children();
  pages_.close();
  endpoints_.close_all();
  if (first_)
    endpoints_.close(first_->fresh_endpoints);
  actors_.stop_watchdog();
  for (size_t i = 0; i < subqueries_.size(); ++i)
    actors_.run_on(i, [&] { subqueries_[i].reset(); });
  first_.reset();
  actors_.end();
}

} // namespace troupe
