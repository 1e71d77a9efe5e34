// SPDX-License-Identifier: Apache-2.0
#include "actors/sources.hpp"

#include "actors/free_prefix.hpp"
#include "actors/log.hpp"
#include "actors/watcher.hpp"
#include "net/kube/kubeconfig.hpp"
#include "net/kube/manifests.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::optional<std::string> load_manifests(cluster& into) {
  auto read = kube::read_manifests(into.source.manifests);
  for (auto& warning : read.warnings)
    log::warning("plugin/kubernetes: {}", warning.to_text());
  if (!read.errors.empty()) {
    std::string text;
    for (auto& error : read.errors)
      text += (text.empty() ? "" : "\n") + error.to_text();
    return text;
  }
  for (auto& chunk : read.chunks)
    if (into.keep.wants(chunk.resource))
      into.manifests.push_back(std::make_shared<const kube::chunk>(std::move(chunk)));
  return std::nullopt;
}

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

std::optional<std::string> connect(cluster& into, process& shared) {
  const auto& s = into.source;
  auto server = !s.kubeconfig.empty() ? kube::read_kubeconfig(s.kubeconfig, s.kubeconfig_context)
                : !s.endpoint.empty() ? kube::from_endpoint(s.endpoint, s.tls_cert, s.tls_key, s.tls_ca)
                                      : kube::in_cluster();
  if (auto* problem = std::get_if<kube::problem>(&server))
    return problem->file.empty() ? s.at.file + ":" + std::to_string(s.at.line) + " - " + problem->what
                                 : problem->to_text();
  kube::api_options options;
  options.endpoints = into.keep.endpoints;
  options.pods = into.keep.pods;
  options.imports = into.keep.imports;
  options.user_agent = "Troupe/" TROUPE_VERSION;
  kube::api_callbacks callbacks;
  callbacks.on_log = log_at;
  callbacks.on_chunk = [&into, &shared](kube::chunk&& chunk) {
    const auto name = into.named(watcher::name_of(chunk.resource));
    into.on_their_way[static_cast<size_t>(chunk.resource)].fetch_add(1, std::memory_order_relaxed);
    tell(shared.where.find<watcher_actor>(name), std::make_shared<const kube::chunk>(std::move(chunk)));
  };
  callbacks.on_request = [&shared](const kube::request_report& done) {
    shared.server.api({done.host, done.method, done.code, done.duration});
  };
  into.client = std::make_unique<kube::api_client>(std::move(std::get<kube::api_server>(server)), options, callbacks);
  return std::nullopt;
}

/// One source of a plan, and what its blocks ask for together.
struct demand {
  const config::kubernetes_options* first;
  kube::kept keep{};
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
      found = out.insert(out.end(), {key, demand{&options}});
    found->second.keep.add({.endpoints = options.endpoints, .pod_names = options.endpoint_pod_names});
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
  return of.source.manifests.empty() ? connect(of, shared) : load_manifests(of);
}

std::variant<sources, std::string> sources::make(const config::plan& plan, const std::vector<source_ptr>& living,
                                                 process& shared, size_t loops) {
  sources out;
  for (auto& [key, wanted] : demands_of(plan)) {
    const auto fits = [&](const source_ptr& s) { return s->key == key && s->of.keep.covers(wanted.keep); };
    if (auto found = std::find_if(living.begin(), living.end(), fits); found != living.end()) {
      out.here.push_back(*found);
      continue;
    }
    auto made = std::make_shared<source>(*wanted.first,
                                         free_prefix(living, out.fresh, [](auto& s) { return s.of.prefix; }), loops);
    made->of.keep = wanted.keep;
    if (auto failed = made->read(shared))
      return *failed;
    out.here.push_back(made);
    out.fresh.push_back(made);
  }
  return out;
}

} // namespace troupe
