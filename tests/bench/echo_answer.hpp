// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace troupe::bench {

/// An address that may be kept for an hour, of the name that was asked for.
inline constexpr std::array<uint8_t, 16> a_record = {0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 10, 96, 0, 1};

/// Turns the query of `size` octets into its answer, for which there is room for `a_record` more; returns that one's
/// size, 0 for what is no query.
inline size_t make_answer(uint8_t* packet, size_t size) {
  size_t end = 12;
  while (end < size && packet[end] != 0)
    end += packet[end] + size_t{1};
  end += 5; // root, type, class
  if (end > size)
    return 0;
  packet[2] |= 0x84; // QR, AA
  packet[3] = 0x80;  // RA
  packet[7] = 1;     // ANCOUNT
  packet[11] = 0;    // ARCOUNT: what stood behind the question is written over
  std::memcpy(packet + end, a_record.data(), a_record.size());
  return end + a_record.size();
}

} // namespace troupe::bench
