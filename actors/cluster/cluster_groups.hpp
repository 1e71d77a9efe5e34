// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/cluster/numbered.hpp"
#include "actors/cluster/source_reading.hpp"
#include "actors/runtime/actor_context.hpp"
#include "config/plan.hpp"

#include <variant>

namespace troupe {

/// A cluster that `kubernetes` blocks draw from, and what each loop knows of it. Plans with the same source share it:
/// its actors, tables and API client live on over a reload. Each plan made from it leases it, through its stages.
struct cluster_group : numbered {
  cluster_group(const config::kubernetes_options& options, std::string prefix, size_t loops, server_metrics& counts);

  std::string identity; ///< kubernetes_options::identity
  cluster_tables tables;
  std::vector<std::unique_ptr<cluster_on_loop>> on_loop;

  std::optional<uint32_t> serial() const override; ///< nothing before all is listed

  /// Reads manifests or kubeconfig, opens no connection. The text of an error says file, line and reason.
  std::optional<std::string> read(actor_context& shared);
  /// Reads it anew if its files have changed: the reading, to `take`, or an error's text. Files that were refused are
  /// not read again until they change, and manifests that change are read once two looks in a row found them the same:
  /// who writes them is done then; unless `refused_too`. Manifests that are gone hold no objects. Thread: the one that
  /// reloads.
  std::optional<std::variant<source_reading, std::string>> read_again(bool refused_too);
  /// From now on its objects come from there. What is known stays until the new lists are whole. Thread: loop 0, while
  /// nobody else reads.
  void take(source_reading&& now, const actor_context& shared);

private:
  void keep_wanted(std::vector<std::shared_ptr<const kube::chunk>>&& all);

  std::vector<std::string> files_; ///< what it was read from
  std::string state_;              ///< of them then
  std::string seen_;               ///< at the last look
  std::string refused_;            ///< their state that could not be used; empty: none
};
using cluster_group_ptr = std::shared_ptr<cluster_group>;

/// Sources that are running. `all`: those of a plan, one per distinct key; `fresh`: those of them that have no actors
/// yet.
struct cluster_groups {
  std::vector<cluster_group_ptr> all, fresh;

  /// Takes those of `living` that fit: with the same key, and keeping all that the plan's blocks ask for.
  static std::variant<cluster_groups, std::string> make(const config::plan& plan,
                                                        const std::vector<cluster_group_ptr>& living,
                                                        actor_context& shared, server_metrics& counts, size_t loops);
};

/// What was read anew of sources that run.
using cluster_readings = std::vector<std::pair<cluster_group_ptr, source_reading>>;

/// Reads those of `all` anew whose files have changed (see cluster_group::read_again), or the text of an error.
std::variant<cluster_readings, std::string> read_again(const std::vector<cluster_group_ptr>& all, bool refused_too);

} // namespace troupe
