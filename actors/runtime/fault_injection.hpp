// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/actor_context.hpp"
#include "net/dns/query.hpp"

namespace troupe {

/// Test builds (TROUPE_FAULTS) take orders by DNS, so that faults can be injected while a load runs: a question for
///   <what>.<actor's name, its parts as labels>.fault-injection.
/// makes that actor fail: `kill.zone.beta.fault-injection.` kills `zone/beta`, and so with other words:
///   kill         ends it, whatever is in its mailbox
///   exit         ends it as an actor ends that gives up by itself
///   throw        its next handler throws
///   stall-MS     its next handler blocks for so many milliseconds, and with it its loop; 60,000 at most
///   poison       what it works on is corrupt: each use of it throws, in its successor too if that begins with it
/// True if `q` was such an order; false for all others, and always in other builds. Thread: any.
bool inject_fault(const dns::query& q, const actor_context& shared);

} // namespace troupe
