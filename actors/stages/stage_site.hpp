// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/caches.hpp"
#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/cluster/kubernetes_view.hpp"
#include "actors/forwarding/loop_probes.hpp"
#include "actors/forwarding/upstreams.hpp"
#include "actors/http/meters.hpp"
#include "actors/runtime/watched_files.hpp"
#include "actors/stages/stage.hpp"
#include "config/plan.hpp"

#include <map>

namespace troupe {

class plan_labels;
class transfer_stage;

/// What the plans of one loop are built from. Plans are built off the loops: there may be many.
struct loop_resources {
  size_t index;
  actor_context& shared;
  meters& counts;
  std::map<std::string, std::shared_ptr<cluster_on_loop>> clusters; ///< by kubernetes_options::identity
  std::vector<kube::address> local_addresses;                       ///< of this machine, without loopback
  std::map<std::string, forward_ptr> forwards{};                    ///< by forward_options::identity
  std::map<std::string, cache_ptr> caches{};                        ///< by cache_group::identity_of
  loop_probes* probes = nullptr;                                    ///< lives as long
  net::subquery_endpoint* subqueries = nullptr;                     ///< of the loop; lives longer than all plans
  watched_files* files = nullptr;                                   ///< likewise; may be null in tests
};

/// Where stages are made: one block of a plan, for one listening address on one loop. Each `make_NAME(stage_site&)`
/// adds what its directive needs, and is called where the block has the directive.
struct stage_site {
  const config::server_block& block;
  const config::listener_plan& listener;
  const loop_resources& resources;
  std::map<const cluster_on_loop*, sibling_views>& views; ///< of the plan, which lives as long as its stages
  const plan_labels* labels = nullptr;                    ///< of the plan; null: no block of it has `metadata`
  transfer_stage* transfers = nullptr;                    ///< of the block, once it is made
  std::vector<std::unique_ptr<stage>> stages{};           ///< made so far

  template <class Stage, class... Arguments>
  Stage& add(Arguments&&... arguments) {
    auto made = std::make_unique<Stage>(std::forward<Arguments>(arguments)...);
    Stage& out = *made;
    stages.push_back(std::move(made));
    return out;
  }
  /// A counter of the stage's own, with label `server` and those of `more`: `coredns_autopath_success_total`.
  net::counter& counter(const char* family, const char* help,
                        const std::vector<std::pair<std::string, std::string>>& more = {}) const {
    stage_series wanted{family, help, {{"server", listener.server}}};
    wanted.labels.insert(wanted.labels.end(), more.begin(), more.end());
    return resources.counts.stages.of(wanted, resources.index);
  }
};

/// A directive that is a stage, and how it is made.
struct stage_maker {
  std::string_view name;
  void (*make)(stage_site&);
};

/// All of them, in the order in which a question passes them: that of config/directives.def, but `cache` behind
/// `kubernetes`: what a zone's tables answer is always current, and needs no cache.
const std::vector<stage_maker>& stage_makers();

} // namespace troupe
