// SPDX-License-Identifier: Apache-2.0
#include "net/dns/wire.hpp"

namespace troupe::dns {

size_t skip_name(std::span<const uint8_t> message, size_t at) noexcept {
  const size_t start = at;
  for (;;) {
    if (at >= message.size())
      return 0;
    const uint8_t length = message[at];
    if (length == 0)
      return at + 1;
    if (length >= 0xc0) {
      if (message.size() - at < 2)
        return 0;
      const size_t target = get16(&message[at]) & max_pointer_target;
      return target >= header_octets && target < start ? at + 2 : 0;
    }
    if (length > max_label_octets)
      return 0;
    at += size_t{1} + length;
    if (at - start >= max_name_octets)
      return 0;
  }
}

name_read read_name(std::span<const uint8_t> message, size_t at, uint8_t* out) noexcept {
  size_t size = 0, behind = 0, pointers = 0, part = at;
  uint8_t labels = 0;
  // The labels from `part` to `at` are copied in one piece.
  const auto copy = [&](size_t end) {
    copy_short(out + size, &message[part], end - part);
    size += end - part;
  };
  for (;;) {
    if (at >= message.size())
      return {};
    const uint8_t length = message[at];
    if (length >= 0xc0) {
      if (message.size() - at < 2 || ++pointers > max_pointers)
        return {};
      if (behind == 0)
        behind = at + 2;
      const size_t target = get16(&message[at]) & max_pointer_target;
      if (target < header_octets || target >= part)
        return {};
      copy(at);
      part = at = target;
      continue;
    }
    const size_t step = size_t{1} + length;
    if (length > max_label_octets || message.size() - at < step || size + (at - part) + step > max_name_octets)
      return {};
    at += step;
    if (length == 0)
      break;
    ++labels;
  }
  copy(at);
  return {behind != 0 ? behind : at, static_cast<uint8_t>(size), labels};
}

size_t read_name(std::span<const uint8_t> message, size_t at, name& out) noexcept {
  std::array<uint8_t, max_name_octets> octets;
  const auto read = read_name(message, at, octets.data());
  if (read.behind == 0)
    return 0;
  out = *name::from_wire({octets.data(), read.size});
  return read.behind;
}

record_span find_record(std::span<const uint8_t> message, size_t at) noexcept {
  record_span found;
  found.owner = at;
  found.fixed = skip_name(message, at);
  if (found.fixed == 0 || message.size() - found.fixed < record_fixed_octets)
    return {};
  found.data = found.fixed + record_fixed_octets;
  const size_t length = get16(&message[found.fixed + 8]);
  if (message.size() - found.data < length)
    return {};
  found.end = found.data + length;
  return found;
}

} // namespace troupe::dns
