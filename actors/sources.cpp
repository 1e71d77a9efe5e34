// SPDX-License-Identifier: Apache-2.0
#include "actors/sources.hpp"

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
  options.endpoints = into.with_endpoints;
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

} // namespace

std::variant<sources, std::string> sources::make(const config::plan& plan, process& shared) {
  sources out;
  for (auto& block : plan.blocks) {
    if (!block.kubernetes)
      continue;
    const auto& options = *block.kubernetes;
    const std::string key = options.source_key();
    const auto index = static_cast<size_t>(std::find(out.keys.begin(), out.keys.end(), key) - out.keys.begin());
    if (index == out.keys.size()) {
      out.keys.push_back(key);
      out.all.push_back(std::make_unique<cluster>());
      out.all.back()->source = options;
      if (out.all.size() > 1)
        out.all.back()->prefix = std::to_string(out.all.size()) + "/";
    }
    cluster& of = *out.all[index];
    of.keep_pod_names |= options.endpoint_pod_names;
    of.with_endpoints |= options.endpoints;
  }
  for (auto& of : out.all)
    if (auto failed = of->source.manifests.empty() ? connect(*of, shared) : load_manifests(*of))
      return *failed;
  return out;
}

} // namespace troupe
