// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_writer.hpp"

#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

message_writer::message_writer(std::span<uint8_t> out, uint16_t id, uint16_t flags) noexcept
  : out_(out.first(std::min(out.size(), max_message_octets))) {
  if (out_.size() < header_octets) {
    out_ = {};
    return;
  }
  uint8_t* const p = put16(put16(out_.data(), id), flags);
  put32(put32(p, 0), 0);
  size_ = at_ = header_octets;
}

bool message_writer::put(std::span<const uint8_t> octets) noexcept {
  if (out_.size() - at_ < octets.size())
    return false;
  if (!octets.empty())
    std::memcpy(&out_[at_], octets.data(), octets.size());
  at_ += octets.size();
  return true;
}

bool message_writer::put_pointer(uint16_t pointer, size_t instead_of) noexcept {
  uint8_t octets[2];
  put16(octets, pointer);
  saved_ += instead_of - sizeof octets;
  return put(octets);
}

void message_writer::count(size_t at) noexcept {
  put16(&out_[at], static_cast<uint16_t>(get16(&out_[at]) + 1));
  size_ = at_;
}

bool message_writer::ask(const question& q) noexcept {
  at_ = size_;
  uint8_t fixed[4];
  put16(put16(fixed, q.type), q.rrclass);
  if (size_ == 0 || !put_name(q.owner.wire()) || !put(fixed))
    return false;
  count(4);
  return true;
}

bool message_writer::add(section where, const record_view& r) noexcept {
  at_ = size_;
  if (size_ == 0)
    return false;
  const size_t saved = saved_;
  if (!put_record(r)) {
    saved_ = saved;
    out_[2] |= flag::tc >> 8;
    // What was remembered of this record is gone. Forgetting the rest with it costs only octets.
    table_.fill({});
    targets_ = 0;
    return false;
  }
  count(6 + 2 * static_cast<size_t>(where));
  return true;
}

bool message_writer::put_record(const record_view& r) noexcept {
  uint8_t fixed[record_fixed_octets];
  put16(put32(put16(put16(fixed, r.type), r.rrclass), r.ttl), 0);
  if (!put_name(r.owner) || !put(fixed))
    return false;
  const size_t data = at_;
  last_ttl_ = data - 6; // TTL and length stand before the data
  if (!put_data(r) || at_ - data > 0xffff)
    return false;
  put16(&out_[data - 2], static_cast<uint16_t>(at_ - data));
  return true;
}

bool message_writer::put_data(const record_view& r) noexcept {
  auto left = r.data;
  for (const char* f = data_layout(r.type, r.rrclass); *f != '\0'; ++f) {
    const auto taken = take_field(left, field{*f});
    if (!taken)
      return false;
    const bool fits = field{*f} == field::name ? put_name(*taken) : put(*taken);
    if (!fits)
      return false;
  }
  return left.empty();
}

/// Looks for the longest suffix that already stands in the message, writes the labels before it and points there. Most
/// names are the first question's, which stands there as it came.
bool message_writer::put_name(name_view wire) noexcept {
  if (wire.size() > 1 && at_ > header_octets + wire.size() &&
      std::memcmp(&out_[header_octets], wire.data(), wire.size()) == 0)
    return put_pointer(pointer_to_question, wire.size());
  std::array<uint32_t, max_labels> hashes; // of the suffixes that stand nowhere yet
  size_t labels = 0, literal = 0;
  uint16_t found = 0;
  for (; wire[literal] != 0; literal += size_t{1} + wire[literal]) {
    hashes[labels] = hash(wire.subspan(literal));
    if ((found = find(hashes[labels], wire.subspan(literal))) != 0)
      break;
    ++labels;
  }
  const size_t begin = at_;
  if (!put(wire.first(found != 0 ? literal : wire.size())))
    return false;
  if (found != 0 && !put_pointer(static_cast<uint16_t>(0xc000 | found), wire.size() - literal))
    return false;
  for (size_t i = 0, at = 0; i < labels; ++i, at += size_t{1} + wire[at])
    remember(hashes[i], begin + at);
  return true;
}

uint16_t message_writer::find(uint32_t hash, name_view suffix) const noexcept {
  for (size_t i = hash % slots; table_[i].offset != 0; i = (i + 1) % slots)
    if (table_[i].hash == hash && stands_at(table_[i].offset, suffix))
      return table_[i].offset;
  return 0;
}

void message_writer::remember(uint32_t hash, size_t offset) noexcept {
  if (targets_ == max_targets || offset > max_pointer_target)
    return;
  size_t i = hash % slots;
  while (table_[i].offset != 0)
    i = (i + 1) % slots;
  table_[i] = {hash, static_cast<uint16_t>(offset)};
  ++targets_;
}

/// True if the name at `offset` is `suffix`, octet by octet.
bool message_writer::stands_at(size_t offset, name_view suffix) const noexcept {
  size_t part = offset; // from here on nothing is compared yet
  for (size_t pointers = 0; offset < at_;) {
    const uint8_t length = out_[offset];
    if (length != 0 && length < 0xc0) {
      offset += size_t{1} + length;
      continue;
    }
    const size_t end = length == 0 ? offset + 1 : offset, octets = end - part;
    if (octets > suffix.size() || end > at_ || std::memcmp(&out_[part], suffix.data(), octets) != 0)
      return false;
    suffix = suffix.subspan(octets);
    if (length == 0)
      return suffix.empty();
    if (at_ - offset < 2 || ++pointers > max_pointers)
      return false;
    const size_t target = get16(&out_[offset]) & max_pointer_target;
    if (target >= part)
      return false;
    part = offset = target;
  }
  return false;
}

size_t write_message(const message& m, std::span<uint8_t> out) noexcept {
  message_writer writer(out, m.id, m.flags);
  for (const auto& q : m.questions)
    if (!writer.ask(q))
      return 0;
  for (size_t where = 0; where < m.sections.size(); ++where)
    for (const auto& r : m.sections[where])
      if (!writer.add(section{static_cast<uint8_t>(where)}, r))
        return writer.size();
  return writer.size();
}

} // namespace troupe::dns
