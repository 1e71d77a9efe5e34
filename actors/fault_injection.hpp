// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/process.hpp"
#include "net/dns/query.hpp"

namespace troupe {

/// Test builds (TROUPE_FAULTS) take orders by DNS, so that faults can be injected while a load runs: a question for
///   <what>.<actor's name, its parts as labels>.fault-injection.
/// makes that actor fail: `kill.zone.beta.fault-injection.` kills `zone/beta`, `throw.…` makes its next handler throw.
/// True if `q` was such an order; false for all others, and always in other builds. Thread: any.
bool inject_fault(const dns::query& q, const process& shared);

} // namespace troupe
