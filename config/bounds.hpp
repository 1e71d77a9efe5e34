// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// How much a Corefile may become, beside max_tokens; what is read of a file is bounded by max_corefile_octets.
namespace troupe::config {

inline constexpr size_t max_expanded_octets = 16u << 20; ///< of all words after imports and variables
inline constexpr size_t max_blocks = 10'000;             ///< each becomes some 10 kB of options and counters
/// Of all blocks at all addresses, networks cut into zones: a network is up to 128 of them, and each is at every
/// address of `bind`.
inline constexpr size_t max_zones = 100'000;

} // namespace troupe::config
