// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cluster_groups.hpp"

#include "actors/cluster/source_demand.hpp"
#include "actors/cluster/watcher.hpp"
#include "actors/runtime/free_prefix.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

void log_at(kube::severity severity, const std::string& text) {
  switch (severity) {
  case kube::severity::debug:
    return;
  case kube::severity::info:
    return log::info("plugin/kubernetes: {}", text);
  case kube::severity::warning:
    return log::warning("plugin/kubernetes: {}", text);
  case kube::severity::error:
    return log::error("plugin/kubernetes: {}", text);
  }
}

void connect(cluster_tables& into, actor_context& shared, kube::api_server&& server) {
  kube::api_options options;
  options.keep = into.keep;
  options.labels = into.source.labels.text();
  options.namespace_labels = into.source.namespace_labels.text();
  options.user_agent = "Troupe/" TROUPE_VERSION;
  options.limits = into.limits;
  kube::api_callbacks callbacks;
  callbacks.on_log = log_at;
  callbacks.on_chunk = [&into, &shared](kube::chunk&& chunk) {
    const auto name = into.named(watcher::name_of(chunk.resource));
    into.on_their_way[static_cast<size_t>(chunk.resource)].fetch_add(1, std::memory_order_relaxed);
    tell(shared.where.find<watcher_actor>(name), std::make_shared<const kube::chunk>(std::move(chunk)));
  };
  callbacks.on_request = [&counts = into.counts](const kube::request_report& done) {
    counts.api({done.host, done.method, done.code, done.duration, done.held_back});
  };
  into.client = std::make_unique<kube::api_client>(std::move(server), options, callbacks);
}

} // namespace

cluster_group::cluster_group(const config::kubernetes_options& options, std::string prefix, size_t loops,
                             server_metrics& counts)
  : identity(options.identity()), tables(counts) {
  tables.source = options;
  tables.prefix = std::move(prefix);
  for (size_t i = 0; i < loops; ++i)
    on_loop.push_back(std::make_unique<cluster_on_loop>(tables));
}

std::optional<uint32_t> cluster_group::serial() const {
  const auto root = tables.root.snapshot();
  return root->synced ? std::optional{root->serial} : std::nullopt;
}

std::optional<std::string> cluster_group::read(actor_context& shared) {
  auto read = read_source(tables.source);
  if (auto* failed = std::get_if<std::string>(&read))
    return *failed;
  auto& now = std::get<source_reading>(read);
  files_ = std::move(now.files);
  state_ = std::move(now.state);
  keep_wanted(std::move(now.manifests));
  if (now.server)
    connect(tables, shared, std::move(*now.server));
  return std::nullopt;
}

std::optional<std::variant<source_reading, std::string>> cluster_group::read_again(bool refused_too) {
  const std::string state = state_of(files_);
  const bool quiet = std::exchange(seen_, state) == state || tables.source.manifests.empty();
  if (state == state_ || ((state == refused_ || !quiet) && !refused_too))
    return std::nullopt;
  auto read = read_source(tables.source, true);
  refused_ = read.index() == 1 ? state : "";
  return read;
}

void cluster_group::keep_wanted(std::vector<std::shared_ptr<const kube::chunk>>&& all) {
  std::erase_if(all, [this](auto& chunk) { return !tables.keep.wants(chunk->resource); });
  tables.manifests = std::move(all);
}

void cluster_group::take(source_reading&& now, const actor_context& shared) {
  files_ = std::move(now.files);
  state_ = std::move(now.state);
  if (now.server) {
    tables.client->turn_to(std::move(*now.server));
    return;
  }
  keep_wanted(std::move(now.manifests));
  for (auto resource : kube::all_resources)
    tell(shared.where.find<watcher_actor>(tables.named(watcher::name_of(resource))), relist_atom::value);
}

std::variant<cluster_groups, std::string> cluster_groups::make(const config::plan& plan,
                                                               const std::vector<cluster_group_ptr>& living,
                                                               actor_context& shared, server_metrics& counts,
                                                               size_t loops) {
  cluster_groups out;
  for (auto& [identity, wanted] : demands_of(plan)) {
    const auto fits = [&](const cluster_group_ptr& s) {
      return s->identity == identity && s->tables.keep.covers(wanted.keep) && s->tables.limits == wanted.limits;
    };
    if (auto found = std::find_if(living.begin(), living.end(), fits); found != living.end()) {
      out.all.push_back(*found);
      continue;
    }
    auto made = std::make_shared<cluster_group>(
      *wanted.first, free_prefix(living, out.fresh, [](auto& s) { return s.tables.prefix; }), loops, counts);
    made->tables.keep = wanted.keep;
    made->tables.limits = wanted.limits;
    if (auto failed = made->read(shared))
      return *failed;
    out.all.push_back(made);
    out.fresh.push_back(made);
  }
  return out;
}

std::variant<cluster_readings, std::string> read_again(const std::vector<cluster_group_ptr>& all, bool refused_too) {
  cluster_readings out;
  for (auto& each : all)
    if (auto read = each->read_again(refused_too)) {
      if (auto* failed = std::get_if<std::string>(&*read))
        return std::move(*failed);
      out.emplace_back(each, std::get<source_reading>(std::move(*read)));
    }
  return out;
}

} // namespace troupe
