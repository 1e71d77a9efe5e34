// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace troupe::kube {

/// A moment as Unix time in nanoseconds: years 1678 to 2261.
using timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// `2026-01-31T23:59:59.123456789Z`, with any offset instead of `Z` and any number of digits behind the seconds, of
/// which nine count (RFC 3339 section 5.6, as in Kubernetes). Nothing for anything else. Pure, any thread.
std::optional<timestamp> parse_timestamp(std::string_view text);

} // namespace troupe::kube
