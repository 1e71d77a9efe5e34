// SPDX-License-Identifier: Apache-2.0
#include "net/zone/label_set.hpp"

#include <cstring>

namespace troupe::zone {

bool label_set::equal(uint32_t a, uint32_t b) const noexcept {
  const entry &one = entries_[a], &other = entries_[b];
  return one.hash == other.hash && one.size == other.size &&
         std::memcmp(&octets_[one.at], &octets_[other.at], one.size) == 0;
}

/// Enters them first, so that they can be compared like the others, and takes them out again if they are known.
label_set::place label_set::add(dns::name_view labels) {
  constexpr size_t usual_octets = 48;
  const auto mine = static_cast<uint32_t>(entries_.size());
  if (mine == 0) {
    entries_.reserve(few);
    octets_.reserve(few * usual_octets);
  }
  entries_.push_back({dns::hash(labels), static_cast<uint32_t>(octets_.size()), static_cast<uint32_t>(labels.size())});
  octets_.insert(octets_.end(), labels.begin(), labels.end());
  uint32_t found = mine;
  if (mine < few) {
    for (found = 0; found != mine && !equal(found, mine);)
      ++found;
  } else {
    if (many_.empty())
      for (uint32_t n = 0; n < few; ++n)
        many_.insert(n);
    found = *many_.insert(mine).first;
  }
  if (found == mine)
    return {mine, true};
  octets_.resize(entries_.back().at);
  entries_.pop_back();
  return {found, false};
}

} // namespace troupe::zone
