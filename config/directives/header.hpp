// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace troupe::config {

/// `header { query|response set|clear aa|ra|rd… }`: bits of the second header word (RFC 1035 section 4.1.1) that are
/// set and cleared. What is said last about a bit counts.
struct header_options {
  struct bits {
    uint16_t set = 0, clear = 0;

    uint16_t apply(uint16_t flags) const noexcept { return static_cast<uint16_t>((flags & ~clear) | set); }
  };
  bits query, response;
};

} // namespace troupe::config
