// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_size.hpp"

#include "net/dns/types.hpp"
#include "net/dns/wire.hpp"

#include <utility>

namespace troupe::dns {

namespace {

/// Names in a record's data that may be compressed (RFC 3597 section 4): octets before the first, and how many.
std::pair<size_t, size_t> names_in_data(uint16_t type) {
  switch (static_cast<rrtype>(type)) {
  case rrtype::ns:
  case rrtype::cname:
  case rrtype::ptr:
    return {0, 1};
  case rrtype::soa:
    return {0, 2};
  case rrtype::mx:
    return {2, 1};
  default:
    return {0, 0};
  }
}

/// What the names that begin at `at` grow by when they are written in full; `at` moves behind them.
size_t growth(std::span<const uint8_t> message, size_t& at, size_t names) noexcept {
  size_t more = 0;
  name whole;
  for (; names > 0; --names) {
    const size_t end = read_name(message, at, whole);
    if (end == 0)
      return more;
    more += whole.size() - (end - at);
    at = end;
  }
  return more;
}

} // namespace

size_t uncompressed_size(std::span<const uint8_t> message) noexcept {
  if (message.size() < header_octets)
    return message.size();
  size_t at = header_octets, more = 0;
  uint16_t last_owner = 0; // a pointer, and what it stood for: the records of a set have the same
  size_t last_growth = 0;
  for (unsigned questions = get16(&message[4]); questions > 0; --questions) {
    const size_t end = skip_name(message, at);
    if (end == 0 || end + 4 > message.size())
      return message.size();
    at = end + 4; // type and class
  }
  while (at < message.size()) {
    const auto record = find_record(message, at);
    if (!record)
      return message.size();
    const uint16_t owner = record.fixed - record.owner == 2 ? get16(&message[at]) : uint16_t{0};
    if (owner == 0 || owner != last_owner)
      last_growth = growth(message, at, 1);
    last_owner = owner;
    more += last_growth;
    const auto [before, names] = names_in_data(get16(&message[record.fixed]));
    size_t data = record.data + before;
    more += growth(message, data, names);
    at = record.end;
  }
  return message.size() + more;
}

} // namespace troupe::dns
