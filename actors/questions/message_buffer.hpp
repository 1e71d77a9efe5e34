// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/types.hpp"

#include <cstdint>
#include <span>

namespace troupe {

/// This thread's memory for a message in the making; who has written one copies it (batch::keep) before anybody else
/// writes. There is one for all, since such memory is taken out of the stack of every thread, the small ones' too.
inline std::span<uint8_t, dns::max_message_octets> scratch_message() noexcept {
  static thread_local uint8_t octets[dns::max_message_octets];
  return octets;
}

} // namespace troupe
