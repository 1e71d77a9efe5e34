// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/caches.hpp"
#include "actors/cluster/cluster_groups.hpp"
#include "actors/forwarding/forwards.hpp"
#include "actors/http/meters.hpp"
#include "actors/runtime/lease.hpp"
#include "actors/server/actor_tree.hpp"

namespace troupe {

/// Parts of one kind.
template <class Part>
using part_list = std::vector<std::shared_ptr<Part>>;

/// All have been listed once.
bool all_synced(const part_list<cluster_group>& clusters);

/// The clusters, forwards and caches of a plan, leased: they live at least as long as this, or a plan made from it.
struct parts_of_plan {
  part_list<cluster_group> clusters;
  part_list<forward_group> forwards;
  part_list<cache_group> caches;
  std::vector<leased<cluster_group>> fresh_clusters; ///< not started yet
  std::vector<leased<forward_group>> fresh_forwards;
  std::vector<leased<cache_group>> fresh_caches;
};

/// The registry of all parts that run, whichever plan wants them. Plans that say the same share them, so that a reload
/// touches nothing that stays. Thread: main's, or the one that reloads meanwhile.
class parts {
public:
  parts(actor_tree& actors, actor_context& shared, meters& counts)
    : actors_(actors), shared_(shared), counts_(counts) {}

  /// Those of `plan`: running ones that fit, and new ones, read but not started. Or the text of an error.
  std::variant<parts_of_plan, std::string> of_plan(const config::plan& plan);
  /// Starts the actors of new ones. `subqueries`: of each loop.
  void start(parts_of_plan& holdings, const config::plan& plan,
             const std::vector<std::unique_ptr<net::subquery_endpoint>>& subqueries);
  /// Ends those that nobody wants any more. True: all of them.
  bool end_unwanted();
  /// Ends the connections to API servers; the rest ends with the tree.
  void stop_clients();

private:
  void start_cluster(cluster_group& group, const std::vector<std::unique_ptr<net::subquery_endpoint>>& subqueries);
  void adopt_all(const tree& children);
  bool end(cluster_group& group);
  bool end(forward_group& group);
  bool end(cache_group& group);

  actor_tree& actors_;
  actor_context& shared_;
  meters& counts_;
  std::vector<leased<cluster_group>> clusters_;
  std::vector<leased<forward_group>> forwards_;
  std::vector<leased<cache_group>> caches_;
};

} // namespace troupe
