// SPDX-License-Identifier: Apache-2.0
#include "actors/server/parts.hpp"

#include "actors/cluster/cluster_children.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

template <class Part>
part_list<Part> all_of(const std::vector<leased<Part>>& running) {
  part_list<Part> out;
  for (auto& each : running)
    out.push_back(each.part());
  return out;
}

/// A lease on each of `wanted`. Each of them is `running` already or is one of `fresh`.
template <class Part>
part_list<Part> lease_all(const part_list<Part>& wanted, std::vector<leased<Part>>& running, part_list<Part>&& fresh,
                          std::vector<leased<Part>>& fresh_out) {
  for (auto& each : fresh)
    fresh_out.emplace_back(std::move(each));
  part_list<Part> out;
  for (auto& part : wanted)
    for (auto* all : {&running, &fresh_out})
      if (const auto found = std::ranges::find(*all, part, &leased<Part>::part); found != all->end())
        out.push_back(found->lease());
  return out;
}

/// Each enters the registry before it is started. So if the start fails, the registry ends what was begun, as it ends
/// all that nobody wants.
template <class Part, class Start>
void start_all(std::vector<leased<Part>>& running, std::vector<leased<Part>>& fresh, Start&& start) {
  for (auto& each : std::exchange(fresh, {})) {
    running.push_back(each);
    start(each.part());
  }
}

template <class Part>
std::vector<std::string> names_of(const std::vector<Part>& children) {
  std::vector<std::string> out;
  for (auto& each : children)
    out.push_back(each->who.name);
  return out;
}

} // namespace

bool all_synced(const part_list<cluster_group>& clusters) {
  return std::ranges::all_of(clusters, [](auto& each) { return each->tables.synced.load(); });
}

std::variant<parts_of_plan, std::string> parts::of_plan(const config::plan& plan) {
  auto made = cluster_groups::make(plan, all_of(clusters_), shared_, counts_.server, actors_.loop_count());
  if (auto* failed = std::get_if<std::string>(&made))
    return std::move(*failed);
  auto& groups = std::get<cluster_groups>(made);
  auto ahead = forwards::make(plan, all_of(forwards_), actors_.loop_count(), counts_.proxies);
  auto kept = caches::make(plan, all_of(caches_));
  parts_of_plan out;
  out.clusters = lease_all(groups.all, clusters_, std::move(groups.fresh), out.fresh_clusters);
  out.forwards = lease_all(ahead.all, forwards_, std::move(ahead.fresh), out.fresh_forwards);
  out.caches = lease_all(kept.all, caches_, std::move(kept.fresh), out.fresh_caches);
  return out;
}

void parts::start(parts_of_plan& holdings, const config::plan& plan,
                  const std::vector<std::unique_ptr<net::subquery_endpoint>>& subqueries) {
  start_all(clusters_, holdings.fresh_clusters, [&](auto& each) { start_cluster(*each, subqueries); });
  start_all(forwards_, holdings.fresh_forwards, [&](auto& each) { adopt_all(forward_children(actors_.site(), each)); });
  start_all(caches_, holdings.fresh_caches, [&](auto& each) {
    for (size_t i = 0; i < actors_.loop_count(); ++i)
      each->on_loop.push_back(std::make_unique<cache_on_loop>(
        cache_on_loop{*each, *subqueries[i], counts_.caches.counters(caches::labels_of(plan, each->identity), i), {}}));
    adopt_all(cache_children(actors_.site(), each));
  });
}

void parts::adopt_all(const tree& children) {
  for (auto& each : children)
    actors_.adopt(each);
}

void parts::start_cluster(cluster_group& group,
                          const std::vector<std::unique_ptr<net::subquery_endpoint>>& subqueries) {
  for (size_t i = 0; i < actors_.loop_count(); ++i)
    group.on_loop[i]->subqueries = subqueries[i].get();
  adopt_all(cluster_children(actors_.site(), group.tables, group.on_loop));
  if (group.tables.client)
    group.tables.client->start();
}

bool parts::end_unwanted() {
  const auto ended = [&](auto& each) { return !each.wanted() && end(*each.part()); };
  const auto unwanted = [](auto& each) { return !each.wanted(); };
  const auto sweep = [&](auto& all) {
    std::erase_if(all, ended);
    return std::none_of(all.begin(), all.end(), unwanted);
  };
  const bool clusters = sweep(clusters_), forwards = sweep(forwards_), caches = sweep(caches_);
  return clusters && forwards && caches;
}

void parts::stop_clients() {
  for (auto& each : clusters_)
    if (each.part()->tables.client)
      each.part()->tables.client->stop();
}

bool parts::end(cluster_group& group) {
  if (group.tables.client)
    group.tables.client->stop();
  return actors_.dismiss(names_of(cluster_children(actors_.site(), group.tables, group.on_loop)));
}

bool parts::end(forward_group& group) {
  return actors_.dismiss({group.named("forward")}); // and with it all whose parent it is
}

bool parts::end(cache_group& group) {
  std::vector<std::string> names;
  for (size_t i = 0; i < actors_.loop_count(); ++i)
    names.push_back(group.actor(i));
  return actors_.dismiss(std::move(names));
}

} // namespace troupe
