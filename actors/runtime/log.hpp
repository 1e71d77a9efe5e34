// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <string_view>

/// Lines as CoreDNS writes them, on standard output without a time: `[INFO] plugin/x: …`. A line is written whole by
/// one call; nobody waits for it. While the other end takes none for long, lines are lost, counted, and named in a line
/// of their own when it takes some again. Thread: any.
namespace troupe::log {

enum class level { debug, info, warning, error, fatal };

void write(level severity, std::string_view text);
/// Writes past the queue, at once, and ends the process with status 1: for what CoreDNS does not survive either.
[[noreturn]] void fatal(std::string_view text);
/// Lines of level debug are written from now on, or not; at first they are not.
void show_debug(bool shown) noexcept;
/// Lines that found no room.
unsigned long long lost() noexcept;

template <class... Ts>
void info(fmt::format_string<Ts...> text, Ts&&... parts) {
  write(level::info, fmt::format(text, std::forward<Ts>(parts)...));
}
template <class... Ts>
void warning(fmt::format_string<Ts...> text, Ts&&... parts) {
  write(level::warning, fmt::format(text, std::forward<Ts>(parts)...));
}
template <class... Ts>
void error(fmt::format_string<Ts...> text, Ts&&... parts) {
  write(level::error, fmt::format(text, std::forward<Ts>(parts)...));
}

} // namespace troupe::log
