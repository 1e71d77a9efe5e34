// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/cache_flush.hpp"

#include "messages/cache.hpp"

namespace troupe {

namespace {

std::atomic<uint64_t> latest{0};

} // namespace

uint64_t latest_flush() noexcept {
  return latest;
}

void flush_caches(actor_context& shared, const dns::name& zone) {
  const uint64_t number = ++latest; // before anybody is told: a part that starts meanwhile is empty
  for (const auto& stats : shared.actors.all())
    if (stats->identity.kind == "cache")
      if (const auto part = shared.where.find<cache_actor>(stats->identity.name))
        caf::anon_send(part, cache_flush{number, zone});
}

} // namespace troupe
