// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/kubernetes.hpp"
#include "net/kube/kubeconfig.hpp"
#include "net/kube/objects.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe {

/// What the files that a `kubernetes` block names say at the moment. Thread: any; reading blocks on the disk.
struct source_reading {
  std::vector<std::shared_ptr<const kube::chunk>> manifests; ///< whole lists; empty: objects come from an API server
  std::optional<kube::api_server> server;                    ///< which one, and how to be let in
  std::vector<std::string> files;                            ///< files and folders that it was read from
  std::string state;                                         ///< state_of(files) from just before
};

/// Reads manifests or kubeconfig, opens no connection. The text of an error says file, line and reason.
/// `gone_too`: manifests that are not there (any more) hold no objects, instead of being an error.
std::variant<source_reading, std::string> read_source(const config::kubernetes_options& options, bool gone_too = false);

/// Changes when a file does, or what a folder holds: identity, size and times of each, links followed (so the switch of
/// a ConfigMap's `..data` shows). Reads no content.
std::string state_of(const std::vector<std::string>& files);

} // namespace troupe
