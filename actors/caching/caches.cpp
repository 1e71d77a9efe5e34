// SPDX-License-Identifier: Apache-2.0
#include "actors/caching/caches.hpp"

#include "actors/caching/cache.hpp"
#include "actors/runtime/free_prefix.hpp"
#include "config/identity.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// What all caches of a plan share: one that anybody can fill with big answers must not grow with the Corefile.
constexpr size_t all_caches_octets = net::default_cache_octets;
constexpr size_t least_octets = size_t{2} << 20; ///< of each, however many there are

net::cache_rules::side side_of(const config::cache_options::side& from) {
  return {from.capacity, from.max_ttl, from.min_ttl,
          from.any_disabled ? from.disabled.zones() : std::vector<dns::name>{}};
}

net::cache_rules rules_of(const config::cache_options& from) {
  net::cache_rules out;
  out.success = side_of(from.success);
  out.denial = side_of(from.denial);
  out.prefetch = from.prefetch;
  out.prefetch_within = from.prefetch_within;
  out.prefetch_percentage = from.prefetch_percentage;
  out.serve_stale = from.serve_stale;
  out.stale_verify = from.stale_verify;
  out.stale_ttl = from.stale_ttl;
  out.stale_recheck = from.stale_recheck;
  out.prefer_positive = from.prefer_positive;
  out.servfail = from.servfail;
  out.keep_ttl = from.keep_ttl;
  return out;
}

} // namespace

cache_group::cache_group(const config::server_block& block, std::string its_prefix, size_t its_octets)
  : identity(identity_of(block)), prefix(std::move(its_prefix)), options(*block.cache), rules(rules_of(options)),
    octets(its_octets) {}

std::string cache_group::identity_of(const config::server_block& block) {
  config::identity_text all{block.cache->identity()};
  all.add(block.view).add(block.forward.size());
  for (auto& each : block.forward)
    all.add(each.identity());
  return all.text();
}

caches caches::make(const config::plan& plan, const std::vector<cache_ptr>& living) {
  caches out;
  const size_t count = static_cast<size_t>(
    std::count_if(plan.blocks.begin(), plan.blocks.end(), [](auto& block) { return block.cache.has_value(); }));
  const size_t octets = std::max(all_caches_octets / std::max(count, size_t{1}), least_octets);
  for (auto& block : plan.blocks) {
    if (!block.cache)
      continue;
    const std::string identity = cache_group::identity_of(block);
    const auto found = std::find_if(living.begin(), living.end(), [&](auto& other) {
      return other->identity == identity && other->octets == octets;
    });
    if (found == living.end())
      out.fresh.push_back(
        std::make_shared<cache_group>(block, free_prefix(living, out.fresh, [](auto& c) { return c.prefix; }), octets));
    out.all.push_back(found == living.end() ? out.fresh.back() : *found);
  }
  return out;
}

cache_labels caches::labels_of(const config::plan& plan, const std::string& identity) {
  for (auto& listener : plan.listeners)
    for (auto& zone : listener.zones) {
      const auto& block = plan.blocks[zone.block];
      if (block.cache && cache_group::identity_of(block) == identity)
        return {listener.server, block.cache->zones_text, block.view};
    }
  return {};
}

tree cache_children(const spawn_site& where, const cache_ptr& group) {
  tree out;
  for (size_t i = 0; i < where.loops.size(); ++i)
    out.push_back(
      where.make<cache>({group->actor(i), "cache", "supervisor", i}, where.loops[i], std::ref(*group->on_loop[i])));
  return out;
}

} // namespace troupe
