// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"

#include <variant>

namespace troupe::dns {

/// The least a record takes: root owner, no data. So no message holds more than 5,956 records.
inline constexpr size_t min_record_octets = 11;

/// In the names of all records, those not counted whose owner is the first question's. Pointers lead to names that are
/// much longer than themselves: 37 ms were spent on a message of 64 kB. Honest ones have a tenth.
inline constexpr size_t max_message_labels = 32'768;

/// A whole message, taken apart. OPT and TSIG are records like any other, in the additional section.
struct message {
  uint16_t id = 0;
  uint16_t flags = 0; ///< second header word: QR, opcode, AA, …, low four bits of the rcode
  std::vector<question> questions;
  std::array<std::vector<record>, 3> sections;

  std::vector<record>& operator[](section where) noexcept { return sections[static_cast<size_t>(where)]; }
  const std::vector<record>& operator[](section where) const noexcept { return sections[static_cast<size_t>(where)]; }
};

/// A message seen where it stands: good as long as its octets are there.
struct message_view {
  uint16_t id = 0;
  uint16_t flags = 0;
  std::vector<question> questions;
  std::array<std::vector<record_view>, 3> sections;
  octet_blocks names; ///< what had to be put together, since names in messages are compressed

  const std::vector<record_view>& operator[](section where) const noexcept {
    return sections[static_cast<size_t>(where)];
  }
};

/// Why a message could not be read.
struct message_error {
  size_t at = 0;         ///< offset of what is broken
  const char* what = ""; ///< "shorter than a header", …
};

/// Reads a message of any kind. Every count is held against what is there, each name against its limits, the data of
/// known types against their layout (data_layout), and of labels there may be max_message_labels; unknown types are
/// kept as they are (RFC 3597 section 3). Octets behind the last record are an error: whoever talks to us over TCP or
/// UDP knows where a message ends. Cost is linear in octets and names; what is allocated stays below 60 times the
/// message and a block (octet_blocks). Thread: any.
std::variant<message_view, message_error> view_message(std::span<const uint8_t> octets);

/// The same, owning what it holds.
std::variant<message, message_error> read_message(std::span<const uint8_t> octets);

/// Of a message that came truncated, perhaps in the middle of a record: what is whole in front of that. Empty if not
/// even the questions are. Thread: any.
message_view view_cut_message(std::span<const uint8_t> octets);

} // namespace troupe::dns
