// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster.hpp"
#include "memory_endpoint.hpp"

namespace troupe::bench {

/// The server's own loops, each with a listener over a memory_endpoint and a zone server for each namespace; metrics
/// on. Returns when the phase was `over` for all and every actor has ended.
totals run_actor_loops(size_t count, const cluster& all, const memory_endpoint::packets& questions,
                       const std::atomic<phase>& at);

} // namespace troupe::bench
