// SPDX-License-Identifier: Apache-2.0
#include "net/kube/protobuf_splitter.hpp"

#include <algorithm>
#include <utility>

namespace troupe::kube {

namespace {

constexpr size_t frame_head_octets = 4;
constexpr size_t kept_object_capacity = 64 * 1024; ///< of a buffer between objects
constexpr size_t max_metadata = 64 * 1024 + 4096;  ///< of a list: continue token and versions
constexpr unsigned varint_bits = 64;
constexpr uint64_t max_field_number = (1u << 29) - 1;
constexpr unsigned walked_levels = 3;
constexpr size_t least_field = 2; ///< octets: a key and a value, or a key and the length of nothing

enum wire_type : unsigned { varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 };

constexpr uint64_t type_field = 1; ///< of runtime.Unknown
constexpr uint64_t raw_field = 2;
constexpr uint64_t list_metadata_field = 1; ///< of every list
constexpr uint64_t list_items_field = 2;

bool take_varint(std::string_view& from, uint64_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < varint_bits && !from.empty(); shift += 7) {
    const auto octet = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    out |= uint64_t{octet & 0x7fu} << shift;
    if (octet < 0x80)
      return true;
  }
  return false;
}

bool take_octets(std::string_view& from, uint64_t octets, std::string_view& out) {
  if (octets > from.size())
    return false;
  out = from.substr(0, octets);
  from.remove_prefix(octets);
  return true;
}

/// Takes fields off `limit`; false when it is used up.
bool spend(size_t& limit, std::string_view message, unsigned levels) {
  for (wire_field field; next_field(message, field);) {
    if (limit-- == 0) {
      limit = 0;
      return false;
    }
    if (levels > 1 && field.delimited && !spend(limit, field.content, levels - 1))
      return false;
  }
  return true;
}

} // namespace

bool next_field(std::string_view& message, wire_field& out) {
  uint64_t key = 0, length = 0;
  std::string_view ignored;
  if (message.empty() || !take_varint(message, key) || key >> 3 == 0 || key >> 3 > max_field_number)
    return false;
  out = {static_cast<uint32_t>(key >> 3), false, {}};
  switch (key & 7) {
  case varint:
    return take_varint(message, length);
  case fixed64:
    return take_octets(message, 8, ignored);
  case fixed32:
    return take_octets(message, 4, ignored);
  case delimited:
    out.delimited = true;
    return take_varint(message, length) && take_octets(message, length, out.content);
  default:
    return false;
  }
}

bool has_at_most(size_t limit, std::string_view message) {
  return message.size() / least_field <= limit || spend(limit, message, walked_levels);
}

// ---- frames

void frame_splitter::feed(std::string_view piece) {
  while (!piece.empty()) {
    if (head_ < frame_head_octets) {
      size_ = size_ << 8 | static_cast<unsigned char>(piece.front());
      piece.remove_prefix(1);
      if (++head_ < frame_head_octets)
        continue;
      left_ = size_;
      dropped_ = size_ > limit_;
      if (dropped_)
        on_.too_big();
    } else {
      const size_t octets = std::min(left_, piece.size());
      if (!dropped_)
        frame_ += piece.substr(0, octets);
      piece.remove_prefix(octets);
      left_ -= octets;
    }
    if (left_ != 0)
      continue;
    if (!dropped_)
      on_.frame(frame_);
    frame_.clear();
    if (frame_.capacity() > kept_object_capacity)
      frame_.shrink_to_fit();
    size_ = head_ = 0;
  }
}

// ---- lists

bool protobuf_list_splitter::feed(std::string_view piece) {
  while (!piece.empty() && state_ != state::broken)
    piece.remove_prefix(some(piece));
  return state_ != state::broken;
}

size_t protobuf_list_splitter::some(std::string_view piece) {
  const char octet = piece.front();
  switch (state_) {
  case state::magic:
    state_ = octet != protobuf_magic[magic_] ? state::broken : ++magic_ == protobuf_magic.size() ? state::key : state_;
    return 1;
  case state::key:
  case state::varint:
  case state::length:
    if (!take(1))
      return 1;
    if (!number(octet)) {
      if (level_ == level::list && list_left_ == 0)
        state_ = state::broken; // it ends in the middle of a number
    } else {
      if (state_ == state::key)
        on_key();
      else if (state_ == state::length)
        on_length();
      else
        next_key();
    }
    return 1;
  default: {
    const auto octets = static_cast<size_t>(std::min<uint64_t>(left_, piece.size()));
    if (!take(octets))
      return octets;
    if (state_ == state::keep)
      content_ += piece.substr(0, octets);
    left_ -= octets;
    if (left_ == 0)
      on_content();
    return octets;
  }
  }
}

bool protobuf_list_splitter::take(size_t octets) {
  if (level_ == level::envelope)
    return true;
  if (octets > list_left_) {
    state_ = state::broken;
    return false;
  }
  list_left_ -= octets;
  return true;
}

bool protobuf_list_splitter::number(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  if (shift_ >= varint_bits) {
    state_ = state::broken;
    return false;
  }
  number_ |= uint64_t{value & 0x7fu} << shift_;
  shift_ += 7;
  return value < 0x80;
}

void protobuf_list_splitter::on_key() {
  field_ = number_ >> 3;
  const auto type = static_cast<unsigned>(number_ & 7);
  number_ = 0;
  shift_ = 0;
  if (field_ == 0 || field_ > max_field_number || (level_ == level::list && list_left_ == 0)) {
    state_ = state::broken;
  } else if (type == varint) {
    state_ = state::varint;
  } else if (type == delimited) {
    state_ = state::length;
  } else if (type == fixed64 || type == fixed32) {
    left_ = type == fixed64 ? 8 : 4;
    state_ = level_ == level::list && left_ > list_left_ ? state::broken : state::fixed;
  } else {
    state_ = state::broken;
  }
}

void protobuf_list_splitter::on_length() {
  left_ = std::exchange(number_, 0);
  shift_ = 0;
  if (level_ == level::envelope) {
    if (field_ == type_field) {
      state_ = left_ > max_metadata ? state::broken : state::keep;
    } else if (field_ != raw_field) {
      state_ = state::skip;
    } else if (std::exchange(seen_list_, true)) { // twice: which of the two?
      state_ = state::broken;
      return;
    } else {
      list_left_ = left_;
      level_ = level::list;
      return next_key();
    }
  } else if (left_ > list_left_) {
    state_ = state::broken;
    return;
  } else if (field_ == list_items_field) {
    state_ = left_ > limit_ ? state::skip : state::keep;
    if (state_ == state::skip)
      on_.too_big();
  } else {
    state_ = field_ != list_metadata_field ? state::skip : left_ > max_metadata ? state::broken : state::keep;
  }
  if (left_ == 0)
    on_content();
}

void protobuf_list_splitter::on_content() {
  if (state_ == state::keep) {
    if (level_ == level::envelope)
      type_ = content_;
    else if (field_ == list_items_field)
      on_.item(content_);
    else
      metadata_ = content_;
    content_.clear();
    if (content_.capacity() > kept_object_capacity)
      content_.shrink_to_fit();
  }
  next_key();
}

void protobuf_list_splitter::next_key() {
  number_ = 0;
  shift_ = 0;
  state_ = state::key;
  if (level_ == level::list && list_left_ == 0)
    level_ = level::envelope;
}

} // namespace troupe::kube
