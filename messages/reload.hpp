// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"

#include <cstdint>

/// How a running server comes to another configuration (design part 6).
namespace troupe {

using look_atom = caf::atom_constant<caf::atom("look")>;
using reload_atom = caf::atom_constant<caf::atom("reload")>;
using altered_options_atom = caf::atom_constant<caf::atom("options")>;

/// The RELOADER asks for looks at the Corefile in time.
using reloader_actor = protocol<
  // From itself, when the interval is over: has the Corefile changed? The number tells old timers from the current one.
  caf::result<void>(look_atom, uint64_t),
  // From main, on SIGUSR1: load the Corefile, changed or not.
  caf::result<void>(reload_atom),
  // From the reload desk: `reload` of the Corefile in use may say something else now.
  caf::result<void>(altered_options_atom)>;

} // namespace troupe
