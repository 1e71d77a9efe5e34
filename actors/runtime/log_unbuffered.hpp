// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/log.hpp"

namespace troupe::log {

/// Returns when all lines are written, or after a second with somebody who does not take them: for the end of the
/// process. Thread: any but the loops'.
void finish();

/// Writes past the queue of lines, after what is in it, and may wait for who reads them: for who ends the process next.
/// Thread: any.
void write_at_once(level severity, std::string_view text);

} // namespace troupe::log
