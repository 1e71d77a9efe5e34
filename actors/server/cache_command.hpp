// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace troupe {

/// `troupe cache flush`: has every server of this program that can be signalled, which in a container is the one, empty
/// its caches (SIGUSR2). So it needs no shell, and nothing that the network could reach. The exit status; nothing if
/// the command line is another one.
std::optional<int> run_cache_command(int count, char** arguments);

} // namespace troupe
