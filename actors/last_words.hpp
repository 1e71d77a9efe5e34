// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/log.hpp"

namespace troupe::log {

/// Writes past the queue of lines, at once, and may wait for who reads them: for who ends the process next. Thread:
/// any.
void write_at_once(level of, std::string_view text);

} // namespace troupe::log
