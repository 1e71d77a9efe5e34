// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"

#include <chrono>

namespace troupe::config {

/// How long all of a file may take to be read: `-conf <(…)` is a pipe, and one that nobody ends would hold us for ever.
inline constexpr std::chrono::seconds reading_time{2};

/// Content of a file, pipe or device, which has to end within max_corefile_octets and reading_time. Blocks so long.
/// That of the process's own environment.
std::variant<std::string, environment::unreadable> read_whole(const std::string& path);

} // namespace troupe::config
