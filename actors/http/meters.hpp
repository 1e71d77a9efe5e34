// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/cache_metrics.hpp"
#include "actors/http/proxy_metrics.hpp"
#include "actors/http/server_metrics.hpp"
#include "actors/http/stage_counters.hpp"

namespace troupe {

/// Everything that is counted in one process. Who counts is handed its own part; `/metrics` reads all of them. Outlives
/// who counts. Thread: any.
struct meters {
  explicit meters(size_t loops) : queries(loops), server("", "g++ " __VERSION__), caches(loops), stages(loops) {}

  net::query_metrics queries;
  server_metrics server; ///< what is counted off the path of a query
  cache_metrics caches;  ///< of `cache`
  proxy_metrics proxies; ///< of `forward`
  stage_counters stages; ///< of stages without actors
};

} // namespace troupe
