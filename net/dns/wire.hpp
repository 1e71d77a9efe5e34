// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <bit>
#include <cstring>

/// Reading and writing octets in network order, and walking over names in a message. For the files of this folder.
namespace troupe::dns {

/// How many compression pointers one name may hold: more could not lead to a name that is longer without being too
/// long.
inline constexpr size_t max_pointers = max_labels + 1;

/// Offsets from here on cannot be pointed at (14 bits, RFC 1035 section 4.1.4).
inline constexpr size_t max_pointer_target = 0x3fff;

/// Leads to the first question, which stands behind the header.
inline constexpr uint16_t pointer_to_question = 0xc000 | header_octets;

/// Octets of a record without owner and data: type, class, TTL, length (RFC 1035 section 4.1.3).
inline constexpr size_t record_fixed_octets = 10;

/// An OPT record without options (RFC 6891 section 6.1.2).
inline constexpr size_t bare_opt_octets = 11;

// Written with whole loads and stores: the compiler does not put single octets together reliably.
static_assert(std::endian::native == std::endian::little, "get and put swap octets for little-endian machines");

inline uint16_t get16(const uint8_t* p) noexcept {
  uint16_t value;
  std::memcpy(&value, p, sizeof value);
  return __builtin_bswap16(value);
}

inline uint32_t get32(const uint8_t* p) noexcept {
  uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return __builtin_bswap32(value);
}

inline uint8_t* put16(uint8_t* p, uint16_t value) noexcept {
  value = __builtin_bswap16(value);
  std::memcpy(p, &value, sizeof value);
  return p + sizeof value;
}

inline uint8_t* put32(uint8_t* p, uint32_t value) noexcept {
  value = __builtin_bswap32(value);
  std::memcpy(p, &value, sizeof value);
  return p + sizeof value;
}

/// Copies octets of names and addresses. For such sizes, known to be small, the compiler would write `rep movs`, which
/// costs 20 ns; steps of fixed size, the last overlapping the one before, cost 2.
inline void copy_short(uint8_t* to, const uint8_t* from, size_t size) noexcept {
  if (size >= 16) {
    for (size_t at = 0; at + 16 < size; at += 16)
      std::memcpy(to + at, from + at, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (size_t at = 0; at < size; ++at)
      to[at] = from[at];
  }
}

inline uint8_t* put_octets(uint8_t* p, std::span<const uint8_t> octets) noexcept {
  copy_short(p, octets.data(), octets.size());
  return p + octets.size();
}

/// Offset behind the name that starts at `at`, which may end in a compression pointer; 0 if it is not well-formed: cut
/// short, a label type other than 00 and 11, longer than 255 octets, or a pointer that does not lead backwards into the
/// message's body. What a pointer leads to is not looked at: cost is linear in what is skipped.
size_t skip_name(std::span<const uint8_t> message, size_t at) noexcept;

/// A name that was read.
struct name_read {
  size_t behind = 0; ///< offset behind it in the message; 0: it is not well-formed
  uint8_t size = 0;  ///< octets when it is whole
  uint8_t labels = 0;
};

/// Like skip_name, and writes the whole name to `out`, where max_name_octets must have room, following at most
/// `max_pointers` pointers, each of them to an octet before the part of the name it stands in.
name_read read_name(std::span<const uint8_t> message, size_t at, uint8_t* out) noexcept;

/// The same into a name; returns the offset behind it.
size_t read_name(std::span<const uint8_t> message, size_t at, name& out) noexcept;

/// `equal`, for names that mostly are the very same octets: those of a record set.
inline bool same(name_view a, name_view b) noexcept {
  return a.size() == b.size() && (a.data() == b.data() || equal(a, b));
}

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
