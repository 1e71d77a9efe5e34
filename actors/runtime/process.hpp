// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/cache_metrics.hpp"
#include "actors/http/proxy_metrics.hpp"
#include "actors/http/server_metrics.hpp"
#include "actors/runtime/directory.hpp"
#include "actors/runtime/registry.hpp"
#include "net/server_counter.hpp"

#include <atomic>

namespace troupe {

struct scheduled_loop;

/// What all actors of one process share. Outlives them; everything in it may be used from any thread.
struct process {
  explicit process(size_t loops) : metrics(loops), server("", "g++ " __VERSION__), caches(loops), autopath(loops) {}

  registry actors;
  directory where;
  scheduled_loop* worker = nullptr;  ///< where floating actors run; set before the first is made, null in tests
  net::query_metrics metrics;        ///< of queries
  server_metrics server;             ///< of everything else
  cache_metrics caches;              ///< of `cache`
  proxy_metrics proxies;             ///< of `forward`
  net::server_counter autopath;      ///< questions of which `autopath` found something
  std::atomic<bool> draining{false}; ///< SIGTERM came: `/ready` says so
};

} // namespace troupe
