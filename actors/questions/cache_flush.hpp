// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/actor_context.hpp"
#include "net/dns/name.hpp"

namespace troupe {

/// Has all caches of the process forget what they know of names at and below `zone`; what is being fetched meanwhile is
/// not kept. They are told, and do so when their turn comes. Thread: any.
void flush_caches(actor_context& shared, const dns::name& zone = {});

/// Number of the latest flush; the next one's is greater.
uint64_t latest_flush() noexcept;

} // namespace troupe
