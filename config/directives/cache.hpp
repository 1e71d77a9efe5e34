// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"
#include "config/zone_index.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::config {

/// `cache [TTL] [ZONES...] { ... }` with CoreDNS's defaults. TTLs in seconds.
struct cache_options {
  struct side {
    size_t capacity = 9984; ///< entries: a multiple of 256, at least 1024, as CoreDNS rounds what is written
    uint32_t max_ttl = 0;   ///< of success 3600, of denial 1800 unless said otherwise
    uint32_t min_ttl = 5;
    zone_index disabled; ///< zones below which nothing of this side is kept; not used if `any_disabled` is false
    bool any_disabled = false;
  };

  place at;
  std::string block;      ///< keys, ports and addresses of the block: tells equal caches of two blocks apart
  zone_index zones;       ///< names below these are cached
  std::string zones_text; ///< label `zones` of metrics, as CoreDNS joins them
  side success{9984, 3600, 5, {}, false};
  side denial{9984, 1800, 5, {}, false};

  unsigned prefetch = 0; ///< asks within `prefetch_within` that make an entry worth fetching ahead; 0: off
  std::chrono::nanoseconds prefetch_within{std::chrono::minutes{1}};
  unsigned prefetch_percentage = 10; ///< of the TTL left, at or below which it is fetched

  std::chrono::nanoseconds serve_stale{0};    ///< how long past its TTL an answer may be used; 0: off
  bool stale_verify = false;                  ///< ask first, and use the stale answer only if that fails
  std::chrono::nanoseconds verify_timeout{0}; ///< 0: until the answer or its failure comes
  uint32_t stale_ttl = 0;                     ///< TTL that clients see in a stale answer
  std::chrono::nanoseconds stale_recheck{0}; ///< how long none is tried after a refresh that failed; 0: every ask tries
  bool prefer_positive = false;              ///< `serve_stale_policy prefer_positive`

  std::chrono::nanoseconds servfail{std::chrono::seconds{5}}; ///< 0: failures are not kept
  bool keep_ttl = false;

  /// All options and the zones of the block in one normal form; caches with equal identity live on across reloads.
  std::string identity() const;
};

} // namespace troupe::config
