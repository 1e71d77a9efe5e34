// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/types.hpp"

#include <cstdint>
#include <span>

namespace troupe {

/// Room for one message of any size on this thread, until the caller returns. One for all who write answers: static
/// thread-local memory is taken from every thread's stack.
inline std::span<uint8_t> scratch() noexcept {
  thread_local uint8_t octets[dns::max_message_octets];
  return octets;
}

} // namespace troupe
