// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/source_reading.hpp"

#include "actors/runtime/log.hpp"
#include "net/kube/manifests.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>

namespace troupe {

namespace {

namespace fs = std::filesystem;

void add_state(const std::string& path, std::string& to) {
  struct stat is {};
  if (::stat(path.c_str(), &is) != 0)
    return to.append(path).append(" is away\n"), void();
  to += fmt::format("{} {} {} {} {}.{} {}.{}\n", path, is.st_dev, is.st_ino, is.st_size, is.st_mtim.tv_sec,
                    is.st_mtim.tv_nsec, is.st_ctim.tv_sec, is.st_ctim.tv_nsec);
}

/// A problem with the directive that led to it, and what to do if there is no reading a file at all.
std::string said_of(const config::kubernetes_options& options, const kube::problem& problem, const std::string& word) {
  const bool unread = problem.text.find("cannot be opened") != std::string::npos;
  return fmt::format(
    "plugin/kubernetes: {}:{} - {}{}", options.at.file, options.at.line,
    problem.file.empty() ? problem.text : problem.to_text(),
    unread && !word.empty() ? fmt::format("; is what '{}' names there, and may this user read it?", word) : "");
}

/// What an API server is asked to leave out is left out of manifests here.
kube::manifest_selection selection_of(const config::kubernetes_options& options) {
  kube::manifest_selection out;
  if (!options.labels.empty())
    out.objects = [&by = options.labels](const kube::label_map& labels) { return by.matches(labels); };
  if (!options.namespace_labels.empty())
    out.namespaces = [&by = options.namespace_labels](const kube::label_map& labels) { return by.matches(labels); };
  return out;
}

std::optional<std::string> read_manifests(const config::kubernetes_options& options, bool gone_too,
                                          source_reading& into) {
  into.files = options.manifests;
  into.state = state_of(into.files);
  std::vector<std::string> paths = options.manifests;
  std::error_code error;
  if (gone_too)
    std::erase_if(paths, [&](const std::string& path) { return !fs::exists(path, error) && !error; });
  auto read = kube::read_manifests(paths, selection_of(options));
  for (auto& warning : read.warnings)
    log::warning("plugin/kubernetes: {}", warning.to_text());
  if (!read.errors.empty()) {
    std::string text;
    for (auto& error : read.errors)
      text += (text.empty() ? "" : "\n") + said_of(options, error, "manifests");
    return text;
  }
  for (auto& chunk : read.chunks)
    into.manifests.push_back(std::make_shared<const kube::chunk>(std::move(chunk)));
  return std::nullopt;
}

/// The token file and those of a pod's service account the client follows by itself.
std::vector<std::string> files_of(const config::kubernetes_options& options, const kube::api_server& server) {
  std::vector<std::string> out;
  if (options.kubeconfig.empty() && options.endpoint.empty())
    return out;
  for (auto& file : {options.kubeconfig, server.authority.file, server.certificate.file, server.key.file})
    if (!file.empty())
      out.push_back(file);
  return out;
}

std::optional<std::string> read_server(const config::kubernetes_options& s, source_reading& into) {
  auto read = !s.kubeconfig.empty() ? kube::read_kubeconfig(s.kubeconfig, s.kubeconfig_context)
              : !s.endpoint.empty() ? kube::from_endpoint(s.endpoint, s.tls_cert, s.tls_key, s.tls_ca)
                                    : kube::in_cluster();
  if (auto* problem = std::get_if<kube::problem>(&read))
    return said_of(s, *problem, !s.kubeconfig.empty() ? "kubeconfig" : !s.endpoint.empty() ? "endpoint" : "");
  into.server = std::get<kube::api_server>(std::move(read));
  if (auto bad = kube::use_environment(*into.server, [](const char* name) { return std::getenv(name); }))
    return said_of(s, {{}, 0, *bad}, "");
  into.files = files_of(s, *into.server);
  into.state = state_of(into.files);
  return std::nullopt;
}

} // namespace

std::variant<source_reading, std::string> read_source(const config::kubernetes_options& options, bool gone_too) {
  source_reading out;
  const auto failed = options.manifests.empty() ? read_server(options, out) : read_manifests(options, gone_too, out);
  if (failed)
    return *failed;
  return out;
}

std::string state_of(const std::vector<std::string>& files) {
  std::string out;
  for (auto& path : files) {
    add_state(path, out);
    std::error_code error;
    if (!fs::is_directory(path, error))
      continue;
    std::vector<std::string> entries;
    for (fs::directory_iterator i(path, error), end; !error && i != end && entries.size() < kube::max_manifest_files;
         i.increment(error))
      entries.push_back(i->path());
    std::sort(entries.begin(), entries.end());
    for (auto& entry : entries)
      add_state(entry, out);
  }
  return out;
}

} // namespace troupe
