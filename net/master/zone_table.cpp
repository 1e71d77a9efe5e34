// SPDX-License-Identifier: Apache-2.0
#include "net/master/zone_table.hpp"

#include "net/master/table_layout.hpp"

#include <algorithm>

namespace troupe::master {

table_record record_set::take() noexcept {
  const auto head = load<record_head>(packed_.data());
  const table_record out{head.rrclass, head.ttl, packed_.subspan(sizeof head, head.octets)};
  packed_ = packed_.subspan(sizeof head + head.octets);
  return out;
}

std::span<const uint8_t> table_name::key() const noexcept {
  return {at_ + sizeof(name_head), load<name_head>(at_).key_octets};
}

bool table_name::next_set(size_t& at, record_set& out) const noexcept {
  const auto head = load<name_head>(at_);
  if (at == head.octets)
    return false;
  const uint8_t* const set = at_ + sizeof head + head.key_octets + at;
  const auto found = load<set_head>(set);
  out = record_set{found.type, {set + sizeof found, found.octets}};
  at += sizeof found + found.octets;
  return true;
}

record_set table_name::find(uint16_t type) const noexcept {
  record_set out;
  for (size_t at = 0; next_set(at, out);)
    if (out.type() == type)
      return out;
  return {};
}

uint32_t zone_table::lower_bound(std::span<const uint8_t> key) const noexcept {
  const auto found = std::lower_bound(names_.begin(), names_.end(), key, [this](uint32_t at, auto wanted) {
    return key_less(table_name{octets_.get() + at}.key(), wanted);
  });
  return static_cast<uint32_t>(found - names_.begin());
}

uint32_t zone_table::find(std::span<const uint8_t> key) const noexcept {
  const uint32_t at = lower_bound(key);
  return at != size() && std::ranges::equal((*this)[at].key(), key) ? at : none;
}

bool zone_table::has_below(std::span<const uint8_t> key) const noexcept {
  uint32_t at = lower_bound(key);
  if (at != size() && (*this)[at].key().size() == key.size() && key_begins_with((*this)[at].key(), key))
    ++at;
  return at != size() && key_begins_with((*this)[at].key(), key);
}

uint32_t zone_table::serial() const noexcept {
  const auto names = soa_.data.size() - 20; // five numbers stand behind them (RFC 1035 section 3.3.13)
  return uint32_t{soa_.data[names]} << 24 | uint32_t{soa_.data[names + 1]} << 16 | uint32_t{soa_.data[names + 2]} << 8 |
         soa_.data[names + 3];
}

} // namespace troupe::master
