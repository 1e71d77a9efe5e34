// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

/// How zone_table packs what it holds; for zone_builder and zone_table alone. Nothing is aligned.
namespace troupe::master {

struct name_head {     ///< key and sets follow
  uint32_t octets = 0; ///< of the sets
  uint16_t key_octets = 0;
} __attribute__((packed));

struct set_head {      ///< records follow
  uint32_t octets = 0; ///< of the records
  uint16_t type = 0;
} __attribute__((packed));

struct record_head { ///< data follow
  uint32_t ttl = 0;
  uint16_t rrclass = 1;
  uint16_t octets = 0; ///< of the data
};

template <class T>
T load(const uint8_t* from) noexcept {
  T out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

} // namespace troupe::master
