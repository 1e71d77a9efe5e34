// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"

/// How secondaries hear that a zone has changed (RFC 1996).
namespace troupe {

/// NOTIFY.
using notify_actor = protocol<
  // From the server, when another plan serves or files were read again: the zones to watch may be others.
  caf::result<void>(begin_atom),
  // From NAMESPACES, when a cluster's zones have another serial.
  caf::result<void>(renumbered_atom),
  // From its own timer: a zone that changed again may be told of again.
  caf::result<void>(due_atom)>;

} // namespace troupe
