// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"

/// Messages, or parts of them, that are a word and carry nothing. Each stands here once, whoever uses it; what it says
/// and to whom is written at the message, in the protocol of its receiver.
namespace troupe {

using again_atom = caf::atom_constant<caf::atom("again")>;
using altered_atom = caf::atom_constant<caf::atom("altered")>;
using altered_options_atom = caf::atom_constant<caf::atom("options")>;
using begin_atom = caf::atom_constant<caf::atom("begin")>;
using due_atom = caf::atom_constant<caf::atom("due")>;
using failing_atom = caf::atom_constant<caf::atom("failing")>;
using forget_atom = caf::atom_constant<caf::atom("forget")>;
using grant_atom = caf::atom_constant<caf::atom("grant")>;
using idle_atom = caf::atom_constant<caf::atom("idle")>;
using look_atom = caf::atom_constant<caf::atom("look")>;
using number_atom = caf::atom_constant<caf::atom("number")>;
using probe_atom = caf::atom_constant<caf::atom("probe")>;
using publish_atom = caf::atom_constant<caf::atom("publish")>;
using relist_atom = caf::atom_constant<caf::atom("relist")>;
using renumbered_atom = caf::atom_constant<caf::atom("renumbered")>;
using resync_atom = caf::atom_constant<caf::atom("resync")>;
using retry_atom = caf::atom_constant<caf::atom("retry")>;
using rows_atom = caf::atom_constant<caf::atom("rows")>;
using silent_atom = caf::atom_constant<caf::atom("silent")>;
using stop_atom = caf::atom_constant<caf::atom("stop")>;
using verified_atom = caf::atom_constant<caf::atom("verified")>;
using verify_atom = caf::atom_constant<caf::atom("verify")>;

} // namespace troupe
