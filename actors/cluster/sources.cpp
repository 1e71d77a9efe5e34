// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/sources.hpp"

#include "actors/cluster/watcher.hpp"
#include "actors/runtime/free_prefix.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

void log_at(kube::severity how, const std::string& text) {
  switch (how) {
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

void connect(cluster& into, process& shared, kube::api_server&& server) {
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
  callbacks.on_request = [&shared](const kube::request_report& done) {
    shared.server.api({done.host, done.method, done.code, done.duration, done.held_back});
  };
  into.client = std::make_unique<kube::api_client>(std::move(server), options, callbacks);
}

/// One source of a plan, and what its blocks ask for together.
class demand {
public:
  explicit demand(const config::kubernetes_options& options) : first(&options) {}

  const config::kubernetes_options* first;
  kube::kept keep{};
  kube::request_limits limits{};

  /// Of several blocks with one source the strictest counts.
  void add_limits(const config::kubernetes_options& options) {
    limits.per_second = stricter(limits.per_second, options.apiserver_qps);
    limits.burst = stricter(limits.burst, options.apiserver_burst);
    limits.in_flight = stricter(limits.in_flight, options.apiserver_max_inflight);
  }

private:
  /// 0 is none.
  template <class Number>
  static Number stricter(Number a, Number b) {
    return a == 0 ? b : b == 0 ? a : std::min(a, b);
  }
};

std::vector<std::pair<std::string, demand>> demands_of(const config::plan& plan) {
  std::vector<std::pair<std::string, demand>> out;
  for (auto& block : plan.blocks) {
    if (!block.kubernetes)
      continue;
    const auto& options = *block.kubernetes;
    const std::string key = options.source_key();
    auto found = std::find_if(out.begin(), out.end(), [&](auto& entry) { return entry.first == key; });
    if (found == out.end())
      found = out.insert(out.end(), {key, demand{options}});
    found->second.add_limits(options);
    found->second.keep.add({.endpoints = options.endpoints,
                            .pod_names = options.endpoint_pod_names,
                            .zones = options.zonal,
                            .external = block.k8s_external.has_value(),
                            .pods = options.pods == config::pod_mode::verified,
                            .imports = !options.multicluster.empty()});
  }
  return out;
}

} // namespace

source::source(const config::kubernetes_options& options, std::string prefix, size_t loops)
  : key(options.source_key()) {
  of.source = options;
  of.prefix = std::move(prefix);
  for (size_t i = 0; i < loops; ++i)
    on_loop.push_back(std::make_unique<cluster_on_loop>(of));
}

std::optional<std::string> source::read(process& shared) {
  auto read = read_source(of.source);
  if (auto* failed = std::get_if<std::string>(&read))
    return *failed;
  auto& now = std::get<source_reading>(read);
  files_ = std::move(now.files);
  state_ = std::move(now.state);
  keep_wanted(std::move(now.manifests));
  if (now.server)
    connect(of, shared, std::move(*now.server));
  return std::nullopt;
}

std::optional<std::variant<source_reading, std::string>> source::read_again(bool refused_too) {
  const std::string state = state_of(files_);
  const bool quiet = std::exchange(seen_, state) == state || of.source.manifests.empty();
  if (state == state_ || ((state == refused_ || !quiet) && !refused_too))
    return std::nullopt;
  auto read = read_source(of.source, true);
  refused_ = read.index() == 1 ? state : "";
  return read;
}

void source::keep_wanted(std::vector<std::shared_ptr<const kube::chunk>>&& all) {
  std::erase_if(all, [this](auto& chunk) { return !of.keep.wants(chunk->resource); });
  of.manifests = std::move(all);
}

void source::take(source_reading&& now, const process& shared) {
  files_ = std::move(now.files);
  state_ = std::move(now.state);
  if (now.server) {
    of.client->turn_to(std::move(*now.server));
    return;
  }
  keep_wanted(std::move(now.manifests));
  for (auto what : kube::all_resources)
    tell(shared.where.find<watcher_actor>(of.named(watcher::name_of(what))), relist_atom::value);
}

std::variant<sources, std::string> sources::make(const config::plan& plan, const std::vector<source_ptr>& living,
                                                 process& shared, size_t loops) {
  sources out;
  for (auto& [key, wanted] : demands_of(plan)) {
    const auto fits = [&](const source_ptr& s) {
      return s->key == key && s->of.keep.covers(wanted.keep) && s->of.limits == wanted.limits;
    };
    if (auto found = std::find_if(living.begin(), living.end(), fits); found != living.end()) {
      out.here.push_back(*found);
      continue;
    }
    auto made = std::make_shared<source>(*wanted.first,
                                         free_prefix(living, out.fresh, [](auto& s) { return s.of.prefix; }), loops);
    made->of.keep = wanted.keep;
    made->of.limits = wanted.limits;
    if (auto failed = made->read(shared))
      return *failed;
    out.here.push_back(made);
    out.fresh.push_back(made);
  }
  return out;
}

} // namespace troupe
