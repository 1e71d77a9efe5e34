// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"

#include <cstdint>

/// How a running server comes to another configuration (design part 6).
namespace troupe {

/// The RELOADER asks for looks at the Corefile in time. SIGUSR1 does not come this way: a message can die with its
/// receiver.
using reloader_actor = protocol<
  // From itself, when the interval is over: has the Corefile changed? The number tells old timers from the current one.
  caf::result<void>(look_atom, uint64_t),
  // From the reload desk: `reload` of the Corefile in use may say something else now.
  caf::result<void>(altered_options_atom)>;

} // namespace troupe
