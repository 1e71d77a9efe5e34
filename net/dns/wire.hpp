// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <cstring>

/// Reading and writing octets in network order, and walking over names in a message. For the files of this folder.
namespace troupe::dns {

/// How many compression pointers one name may hold: more could not lead to a name that is longer without being too long.
inline constexpr size_t max_pointers = max_labels + 1;

/// Offsets from here on cannot be pointed at (14 bits, RFC 1035 section 4.1.4).
inline constexpr size_t max_pointer_target = 0x3fff;

/// Octets of a record without owner and data: type, class, TTL, length (RFC 1035 section 4.1.3).
inline constexpr size_t record_fixed_octets = 10;

/// An OPT record without options (RFC 6891 section 6.1.2).
inline constexpr size_t bare_opt_octets = 11;

inline uint16_t get16(const uint8_t* p) noexcept { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

inline uint32_t get32(const uint8_t* p) noexcept {
  return static_cast<uint32_t>(get16(p)) << 16 | get16(p + 2);
}

inline uint8_t* put16(uint8_t* p, uint16_t value) noexcept {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
  return p + 2;
}

inline uint8_t* put32(uint8_t* p, uint32_t value) noexcept {
  return put16(put16(p, static_cast<uint16_t>(value >> 16)), static_cast<uint16_t>(value));
}

inline uint8_t* put_octets(uint8_t* p, std::span<const uint8_t> octets) noexcept {
  if (!octets.empty())
    std::memcpy(p, octets.data(), octets.size());
  return p + octets.size();
}

/// Offset behind the name that starts at `at`, which may end in a compression pointer; 0 if it is not well-formed: cut short,
/// a label type other than 00 and 11, longer than 255 octets, or a pointer that does not lead backwards into the message's
/// body. What a pointer leads to is not looked at: cost is linear in what is skipped.
size_t skip_name(std::span<const uint8_t> message, size_t at) noexcept;

/// Like skip_name, and reads the whole name into `out`, following at most `max_pointers` pointers, each of them to an octet
/// before the part of the name it stands in.
size_t read_name(std::span<const uint8_t> message, size_t at, name& out) noexcept;

/// A record's place in a message.
struct record_span {
  size_t owner = 0; ///< offset of the owner's name
  size_t fixed = 0; ///< offset of type, class, TTL, data length
  size_t data = 0;  ///< offset of the data
  size_t end = 0;   ///< offset behind the data; 0: there is no well-formed record

  explicit operator bool() const noexcept { return end != 0; }
};

/// The record that starts at `at`, bounds checked, data not looked into.
record_span find_record(std::span<const uint8_t> message, size_t at) noexcept;

} // namespace troupe::dns
