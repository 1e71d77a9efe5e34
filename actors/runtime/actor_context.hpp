// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/directory.hpp"
#include "actors/runtime/registry.hpp"

#include <atomic>

namespace troupe {

struct scheduled_loop;

/// What every actor needs of its process. Outlives them; everything in it may be used from any thread.
struct actor_context {
  registry actors;
  directory where;
  scheduled_loop* worker = nullptr;  ///< where floating actors run; set before the first is made, null in tests
  std::atomic<bool> draining{false}; ///< SIGTERM came: `/ready` says so
};

} // namespace troupe
