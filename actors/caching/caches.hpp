// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/cache_metrics.hpp"
#include "actors/questions/query_target.hpp"
#include "actors/runtime/spawning.hpp"
#include "config/plan.hpp"
#include "net/cache_counters.hpp"
#include "net/subquery_endpoint.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

struct cache_group;

/// The part of a cache on one loop. Thread: the loop's.
struct cache_on_loop {
  cache_group& group;
  net::subquery_endpoint& subqueries; ///< through which misses are asked
  net::cache_counters& counters;
  query_target front;
};

/// One `cache` of the Corefile, for all loops: blocks of plans that say the same, one after the other, share it. Lives
/// as long as a plan names it. Thread: any, except as noted.
struct cache_group {
  /// `its_octets`: what its entries may take, all loops together.
  cache_group(const config::server_block& block, std::string its_prefix, size_t its_octets);

  const std::string identity; ///< identity_of its block
  const std::string prefix;   ///< of its actors' names: empty for the first, `2/` for the second, …
  const config::cache_options options;
  const net::cache_rules rules;
  const size_t octets;
  std::vector<std::unique_ptr<cache_on_loop>> on_loop;

  /// `cache/2`: the part of that name's hash lives there.
  std::string actor(size_t loop) const { return prefix + "cache/" + std::to_string(loop); }
  size_t owner_of(const dns::query& q) const noexcept { return q.qname_hash % on_loop.size(); }

  /// Of a block with `cache`: its options and all that stands behind it, so that no answer outlives the change of who
  /// gave it. Blocks of one plan never share a cache: addresses and zones are part of it.
  static std::string identity_of(const config::server_block& block);
};

using cache_ptr = std::shared_ptr<cache_group>;

/// The caches of a plan. `all`: all of them; `fresh`: those that have no actors yet. Thread: main's.
struct caches {
  std::vector<cache_ptr> all, fresh;

  /// Takes those of `living` that say the same. `on_loop` of the fresh ones is still to be filled.
  static caches make(const config::plan& plan, const std::vector<cache_ptr>& living);
  /// Of the first listener that serves the cache's block: two listeners of one block share its cache.
  static cache_labels labels_of(const config::plan& plan, const std::string& identity);
};

/// The actors of one cache, one per loop.
tree cache_children(const spawn_site& where, const cache_ptr& group);

} // namespace troupe
