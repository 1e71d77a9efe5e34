// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

struct child; // actors/runtime/tree.hpp
using child_ptr = std::shared_ptr<const child>;

/// A child that joins the tree later; `actor` is null if the supervisor is to start it. Ends who had the name before,
/// if he still lives: a name has one actor, and the newest is it.
struct adopt {
  child_ptr child;
  caf::strong_actor_ptr actor;
};

/// Children that are to end for good, and with them all whose parents they are.
struct dismiss {
  std::vector<std::string> names;
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::adopt)
TROUPE_LOCAL_MESSAGE(troupe::dismiss)

namespace troupe {

/// The SUPERVISOR owns the tree: it alone monitors, restarts and stops.
using supervisor_actor = protocol<
  // From the server: start this child. From an actor that started one by itself (APEX, NAMESPACES): watch over it.
  caf::result<void>(adopt),
  // From the server, when no plan names them any more: end these and what they started. Answered when the last is gone.
  caf::result<bool>(dismiss),
  // From itself, when a backoff is over: start the child of that name, unless another wait has begun since that number.
  caf::result<void>(retry_atom, std::string, uint64_t),
  // From the server, once: stop every child in reverse order; answered when the last is gone.
  caf::result<bool>(stop_atom)>;

} // namespace troupe
