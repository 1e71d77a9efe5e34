// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"
#include "messages/forward.hpp"

/// How loops are found: a probe with a name that nobody can guess goes to each upstream; if it comes back, there is a
/// loop.
namespace troupe {

/// A probe came back.
struct probe_returned {
  std::string from, at, name; ///< who brought it, where, and its name in text
  uint64_t number = 0;        ///< of the probe
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::probe_returned)

namespace troupe {

/// LOOP.
using loop_actor = protocol<
  // From the server, when another plan serves: probe the upstreams.
  caf::result<void>(begin_atom),
  // From its own timer: probe those again that gave no answer, or looped.
  caf::result<void>(again_atom),
  // From an UPSTREAM, for each probe.
  caf::result<void>(exchanged),
  // From a `loop` stage, on whatever loop the probe arrived.
  caf::result<void>(probe_returned)>;

} // namespace troupe
