// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/server_metrics.hpp"
#include "config/directives/kubernetes.hpp"
#include "net/kube/api_client.hpp"
#include "net/zone/pods.hpp"
#include "net/zone/reverse.hpp"
#include "net/zone/root.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// One source of objects (an API server or a set of manifests) and what is published from it. Lives as long as a plan
/// names it (see cluster_group); published cells may be read from any thread.
struct cluster_tables {
  explicit cluster_tables(server_metrics& its_counts) : counts(its_counts) {}

  server_metrics& counts;            ///< what its actors count
  std::string prefix;                ///< of its actors' names: empty for the first source, `2/` for the second, …
  config::kubernetes_options source; ///< how to reach it
  std::vector<std::shared_ptr<const kube::chunk>> manifests; ///< its objects, if they come from files
  std::unique_ptr<kube::api_client> client;                  ///< if they come from an API server
  kube::kept keep;                                           ///< what its blocks ask for together

  kube::request_limits limits; ///< of requests to the API server
  zone::cell_book cells;       ///< those of the root, apart from it, so that it can be made anew
  zone::published<zone::root> root{std::make_shared<const zone::root>()};
  zone::published<zone::reverse_table> reverse{std::make_shared<const zone::reverse_table>()};
  zone::published<zone::pod_table> pods{std::make_shared<const zone::pod_table>()};
  std::atomic<bool> synced{false};
  std::chrono::system_clock::time_point (*wall_clock)() = &std::chrono::system_clock::now; ///< for the SOA serial
  /// Per resource: chunks that the client gave away and that nobody has granted back yet. Survives the watchers.
  std::atomic<size_t> on_their_way[kube::resource_count]{};

  std::string named(std::string_view actor) const { return prefix + std::string{actor}; }
};

} // namespace troupe
