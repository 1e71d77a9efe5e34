// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"
#include "net/slice.hpp"

/// How queries travel (design part 3): in slices of batches, each slot owned by exactly one message or actor at a time.
namespace troupe {

/// Slots that want an answer. The receiver begins with `slots.take()`, then answers them or hands them on.
struct queries {
  mutable net::slice_handle slots;
};

/// Slots that came home to their endpoint: answered, or passed by a stage that has nothing to say.
struct finished {
  mutable net::slice_handle slots;
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::queries)
TROUPE_LOCAL_MESSAGE(troupe::finished)

namespace troupe {

/// Whoever answers questions: ZONE SERVER, REVERSE. Runs on the slots' home loop.
using query_server_actor = protocol<
  // From the LISTENER or the APEX: slots whose stage is this actor's. They go home answered or passed.
  caf::result<void>(queries)>;

/// The LISTENER of one endpoint.
using listener_actor = protocol<
  // From its endpoint: slots just read, or sent again after a drop.
  caf::result<void>(queries),
  // From its endpoint: slots that came home. They leave through the response functions and the socket.
  caf::result<void>(finished)>;

} // namespace troupe
