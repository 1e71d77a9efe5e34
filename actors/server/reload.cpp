// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/server.hpp"

#include <algorithm>
#include <thread>

/// How a running server goes over to another plan.
namespace troupe {

std::optional<std::string> server::reload(std::shared_ptr<const config::plan> next,
                                          const std::function<bool()>& ended) {
  const size_t running = actors_.loop_count();
  if (const size_t loops = next->loops != 0 ? next->loops : host::default_loops(); loops != running)
    log::warning(
      "{}: `multisocket` asks for {} loops, but their number cannot change while the server runs: it stays {} "
      "until a restart",
      next->file, loops, running);
  change to{std::move(next)};
  std::optional<std::string> failed;
  try {
    failed = make_ready(to, ended);
  } catch (const std::exception& e) { // of what it takes to be made ready there was not enough
    failed = failure_text(e);
  }
  if (failed) {
    endpoints_.close(to.fresh_endpoints);
    to.parts = {}; // what was started for it is not wanted any more
    parts_.end_unwanted();
    return failed;
  }
  const auto before = plan();
  enter(to);
  pages_.enter(std::move(to.fresh_pages), *to.plan, before.get());
  take(std::move(to.again));
  return std::nullopt;
}

/// Everything that can fail or take long. Sockets last: from when they are open, the kernel gives them questions.
std::optional<std::string> server::make_ready(change& to, const std::function<bool()>& ended) {
  auto made = parts_.of_plan(*to.plan);
  if (auto* failed = std::get_if<std::string>(&made))
    return *failed;
  to.parts = std::move(std::get<parts_of_plan>(made));
  auto read = read_again(to.parts.clusters, true);
  if (auto* failed = std::get_if<std::string>(&read))
    return *failed;
  to.again = std::move(std::get<cluster_readings>(read));
  if (auto failed = pages_.open(*to.plan, to.fresh_pages))
    return failed;
  part_list<cluster_group> fresh;
  for (auto& each : to.parts.fresh_clusters)
    fresh.push_back(each.part());
  parts_.start(to.parts, *to.plan, subqueries_);
  if (auto failed = list_new_clusters(fresh, ended))
    return failed;
  if (auto failed = endpoints_.open(*to.plan, to.fresh_endpoints, ended))
    return failed;
  return endpoints_.watch(*to.plan, to.fresh_endpoints);
}

/// Waits until all are listed, or as long as the most patient of them says.
std::optional<std::string> server::list_new_clusters(const part_list<cluster_group>& fresh,
                                                     const std::function<bool()>& ended) const {
  constexpr std::chrono::milliseconds pause{2};
  std::chrono::nanoseconds most{0};
  for (auto& each : fresh)
    most = std::max(most, each->tables.source.startup_timeout);
  for (const auto end = std::chrono::steady_clock::now() + most; !all_synced(fresh);) {
    if (ended())
      return "the server shuts down";
    if (std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(pause);
      continue;
    }
    for (auto& each : fresh)
      if (!each->tables.synced && replaces_another(*each))
        return each->tables.source.at.file + ":" + std::to_string(each->tables.source.at.line) +
               " - the cluster could not be listed with the new options, and without them it is known";
    log::warning("plugin/kubernetes: starting server with unsynced Kubernetes API");
    break;
  }
  return std::nullopt;
}

/// The same cluster is known already, if only in part.
bool server::replaces_another(const cluster_group& fresh) const {
  return std::ranges::any_of(clusters(),
                             [&](auto& old) { return old->identity == fresh.identity && old->tables.synced; });
}

/// On the worker, where the watchers read it, and where what they had may be freed.
void server::take(cluster_readings&& readings) {
  for (auto& [cluster, now] : readings)
    actors_.run_on(actors_.loop_count(), [&, cluster = cluster] {
      log::info("plugin/kubernetes: {} changed, everything is listed again",
                now.server ? now.server->origin : "manifests");
      cluster->take(std::move(now), shared_);
    });
}

std::optional<std::string> server::follow_sources() {
  auto read = read_again(clusters(), false);
  if (auto* failed = std::get_if<std::string>(&read))
    return *failed;
  take(std::move(std::get<cluster_readings>(read)));
  return std::nullopt;
}

bool server::has_manifests() const {
  return std::ranges::any_of(clusters(), [](auto& each) { return !each->tables.source.manifests.empty(); });
}

bool server::collect() {
  const bool endpoints = endpoints_.end_left(), parts = parts_.end_unwanted();
  return endpoints && parts;
}

} // namespace troupe
