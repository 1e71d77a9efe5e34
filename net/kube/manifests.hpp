// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"
#include "net/kube/problem.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Kubernetes objects from YAML files instead of an API server: the same chunks, so that everything behind them is the
/// same.
namespace troupe::kube {

/// Limits of what a manifest may be.
inline constexpr size_t max_manifest_octets = 16u << 20;   ///< per file; reading 16 MiB of YAML takes 5 s
inline constexpr size_t max_manifests_octets = 128u << 20; ///< over all paths
inline constexpr size_t max_manifest_files = 10'000;       ///< over all paths

using label_map = std::map<std::string, std::string>;

/// What label selectors leave out; an empty function lets all through. EndpointSlices that are made up have the labels
/// of their Service and the two that Kubernetes' controller adds; every Namespace has `kubernetes.io/metadata.name`.
struct manifest_selection {
  std::function<bool(const label_map&)> objects; ///< Services, EndpointSlices and Pods
  std::function<bool(const label_map&)> namespaces;
};

struct manifest_result {
  std::vector<chunk> chunks;     ///< per resource list_begin, objects, list_end; empty if there are errors
  std::vector<problem> warnings; ///< documents that were left out, and why
  std::vector<problem> errors;   ///< every broken object or file; not empty: refuse to start
};

/// Reads files and folders (`*.yaml`, `*.yml`, `*.json`, sorted by name, no recursion) in the order of `paths`.
/// Relative paths are relative to the working directory: the caller joins them with the Corefile's folder. Blocks on
/// the disk.
manifest_result read_manifests(std::span<const std::string> paths, const manifest_selection& only = {});

/// The files that a path stands for: itself, or the manifests in a folder, sorted by name. Blocks on the disk.
std::vector<std::string> manifest_files(const std::string& path, std::vector<problem>& errors);

/// One file already in memory.
struct manifest_text {
  std::string file; ///< for messages
  std::string_view text;
};

/// The same from memory. Deterministic: neither the order of files nor of objects changes an address that is made up.
manifest_result read_manifest_texts(std::span<const manifest_text> texts, const manifest_selection& only = {});

} // namespace troupe::kube
