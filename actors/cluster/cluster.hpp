// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/questions/query_target.hpp"
#include "actors/runtime/process.hpp"
#include "config/directives/kubernetes.hpp"
#include "messages/query.hpp"
#include "net/inner_endpoint.hpp"
#include "net/kube/api_client.hpp"
#include "net/zone/options.hpp"
#include "net/zone/pods.hpp"
#include "net/zone/reverse.hpp"
#include "net/zone/root.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe {

/// One source of objects (an API server or a set of manifests) and what is published from it. Lives as long as a plan
/// names it (see sources); published cells may be read from any thread.
struct cluster {
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

/// The zone server of one namespace on one loop.
struct zone_target : query_target {
  zone::namespace_cell_ptr cell;
  net::time_point last_asked{};
  bool fenced = false; ///< it failed too often: no question starts it
};

/// What the actors of one loop know of one cluster: who answers here, and the newest tables. Thread: the loop's.
class cluster_on_loop {
public:
  explicit cluster_on_loop(cluster& source)
    : of(source), root(source.root), reverse(source.reverse), pods(source.pods) {}

  cluster& of;
  zone::reader<zone::root> root;
  zone::reader<zone::reverse_table> reverse;
  zone::reader<zone::pod_table> pods;
  query_target apex, reverse_server;
  net::inner_endpoint* own_questions = nullptr; ///< through which targets outside of the cluster are asked

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

/// One `kubernetes` block of one plan, as it travels with a slot.
struct stanza {
  using family = std::vector<const zone::options*>;

  zone::options how;
  const family& all; ///< those of the plan that answer from the same cluster, for aliases from one zone to another
};

} // namespace troupe
