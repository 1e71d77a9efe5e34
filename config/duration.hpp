// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::config {

/// A duration as Go writes it: `5s`, `1m30s`, `100ms`, `1.5h`, `-2s`, `0`; units ns, us (µs), ms, s, m, h.
/// Otherwise what is wrong with it in Go's words (`time: missing unit in duration "5"`).
std::variant<std::chrono::nanoseconds, std::string> parse_duration(std::string_view text);

/// As Go prints it: `5s`, `1m30s`, `100ms`, `1.5s`, `0s`.
std::string duration_text(std::chrono::nanoseconds value);

} // namespace troupe::config
