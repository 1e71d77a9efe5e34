// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/questions/query_target.hpp"
#include "net/subquery_endpoint.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe {

/// The zone server of one namespace on one loop.
struct zone_target : query_target {
  zone::namespace_cell_ptr cell;
  net::time_point last_asked{};
  bool fenced = false; ///< it failed too often: no question starts it
};

/// What the actors of one loop know of one cluster: who answers here, and the newest tables. Thread: the loop's.
class cluster_on_loop {
public:
  explicit cluster_on_loop(cluster_tables& its_tables)
    : tables(its_tables), root(tables.root), reverse(tables.reverse), pods(tables.pods) {}

  cluster_tables& tables;
  zone::reader<zone::root> root;
  zone::reader<zone::reverse_table> reverse;
  zone::reader<zone::pod_table> pods;
  query_target apex, reverse_server;
  net::subquery_endpoint* subqueries = nullptr; ///< through which targets outside of the cluster are asked

  /// The zone server of `namespace_` (lower-case), or null.
  zone_target* find(std::string_view namespace_) noexcept {
    auto found = zones_.find(namespace_);
    return found == zones_.end() || !found->second->actor ? nullptr : found->second.get();
  }
  bool fenced(std::string_view namespace_) const noexcept {
    if (fences_ == 0)
      return false;
    const auto found = zones_.find(namespace_);
    return found != zones_.end() && found->second->fenced;
  }
  void set_fenced(const zone::namespace_cell_ptr& cell, bool on);
  zone_target& enter(const zone::namespace_cell_ptr& cell);
  size_t running() const noexcept;
  /// Lets go of namespaces without a server whose cell has left the root.
  void forget_gone();
  /// Calls `f(zone_target&)` for each that has a server.
  template <class F>
  void each(F&& f) {
    for (auto& [name, target] : zones_)
      if (target->actor)
        f(*target);
  }

private:
  struct hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const noexcept { return dns::hash(zone::octets_of(text)); }
  };
  boost::unordered_flat_map<std::string, std::unique_ptr<zone_target>, hash, std::equal_to<>> zones_;
  size_t fences_ = 0;
};

} // namespace troupe
