// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/dns/octet_blocks.hpp"

namespace troupe::dns {

/// A question (RFC 1035 section 4.1.2). Names keep their case.
struct question {
  name owner;
  uint16_t type = 0;
  uint16_t rrclass = 1;
};

/// A resource record (RFC 1035 section 4.1.3) whose octets are elsewhere: in a message, in `octet_blocks`, in a
/// `record`.
struct record_view {
  name_view owner; ///< whole, never compressed
  uint16_t type = 0;
  uint16_t rrclass = 1;
  uint32_t ttl = 0;              ///< seconds
  std::span<const uint8_t> data; ///< as in `record`
};

/// A resource record that owns what it holds.
struct record {
  name owner;
  uint16_t type = 0;
  uint16_t rrclass = 1;
  uint32_t ttl = 0;          ///< seconds
  std::vector<uint8_t> data; ///< at most 65535 octets; names in it are whole, never compressed

  operator record_view() const noexcept { return {owner.wire(), type, rrclass, ttl, data}; }
};

/// What a record's data consists of. A layout is a string of these, as in "2n" for MX.
enum class field : char {
  octet = '1',
  word = '2',
  quad = '4',       ///< four octets: numbers and IPv4 addresses
  address6 = '6',   ///< 16 octets
  name = 'n',       ///< a name that RFC 1035 lets writers compress
  whole_name = 'u', ///< a name that readers find compressed (RFC 3597 section 4) but writers leave whole
  string = 's',     ///< a character-string
  strings = 'S',    ///< character-strings to the end, at least one
  rest = '*'        ///< anything to the end
};

/// The layout of a type's data. "*" for types and classes that are passed on as they are (RFC 3597 section 3), among
/// them all whose names are never compressed (RRSIG, NSEC, SVCB, …).
const char* data_layout(uint16_t type, uint16_t rrclass) noexcept;

/// Reads the data at [begin, end) of `message`: into `out.data`, whose type and class are known. It stays where it is,
/// unless there are names in it: then it is put together in `blocks`, decompressed. Returns how many labels those had;
/// nothing if it does not match the type's layout to the last octet.
std::optional<size_t> read_data(std::span<const uint8_t> message, size_t begin, size_t end, record_view& out,
                                octet_blocks& blocks);

/// Takes the octets of one field off the front of uncompressed data; nothing if they are not there.
std::optional<std::span<const uint8_t>> take_field(std::span<const uint8_t>& data, field what) noexcept;

} // namespace troupe::dns
