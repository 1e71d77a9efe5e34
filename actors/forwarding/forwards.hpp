// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstreams.hpp"
#include "actors/runtime/spawning.hpp"
#include "config/plan.hpp"

namespace troupe {

/// The distinct `forward`s of a plan. `all`: all of them; `fresh`: those that have no actors yet. Thread: main's.
struct forwards {
  std::vector<forward_ptr> all, fresh;

  /// Takes those of `living` that say the same.
  static forwards make(const config::plan& plan, const std::vector<forward_ptr>& living, size_t loops,
                       proxy_metrics& counts);
};

/// The actors of one `forward`: an UPSTREAM for each address, its FORWARD, and a front on each loop.
tree forward_children(const spawn_site& where, const forward_ptr& group);

} // namespace troupe
