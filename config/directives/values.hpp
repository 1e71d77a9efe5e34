// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/dispenser.hpp"
#include "config/setup.hpp"

#include <chrono>
#include <cstdint>

namespace troupe::config {

// Values as Go reads them, into `out`; else an error with Go's words behind `before`, at the word handed out last.

failure read_integer(const dispenser& in, const std::string& text, long long& out);
failure read_unsigned(const dispenser& in, const std::string& text, uint32_t& out); ///< digits alone: no sign
failure read_duration(const dispenser& in, const std::string& text, std::chrono::nanoseconds& out,
                      const std::string& before = {});

/// ASCII letters in lower case.
std::string lower_case(std::string text);

} // namespace troupe::config
