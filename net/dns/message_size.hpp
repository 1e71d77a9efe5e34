// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace troupe::dns {

/// Octets of a message if no name in it were compressed, which is the size that CoreDNS logs and counts. A message that
/// cannot be read counts as it is.
size_t uncompressed_size(std::span<const uint8_t> message) noexcept;

} // namespace troupe::dns
