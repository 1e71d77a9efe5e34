// SPDX-License-Identifier: Apache-2.0
#include "config/zone_index.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::config {

namespace {

bool before(dns::name_view a, dns::name_view b) {
  if (a.size() != b.size())
    return a.size() < b.size();
  return std::memcmp(a.data(), b.data(), a.size()) < 0;
}

} // namespace

zone_index::zone_index(const std::vector<dns::name>& zones) {
  for (uint32_t i = 0; i < zones.size(); ++i)
    entries_.push_back({zones[i].lowered(), i});
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const entry& a, const entry& b) { return before(a.zone.wire(), b.zone.wire()); });
  size_t at = 0;
  for (size_t length = 0; length < start_.size(); ++length) {
    while (at < entries_.size() && entries_[at].zone.size() < length)
      ++at;
    start_[length] = static_cast<uint32_t>(at);
  }
}

uint32_t zone_index::exact(dns::name_view suffix) const noexcept {
  const uint32_t first = start_[suffix.size()], last = start_[suffix.size() + 1];
  if (first == last)
    return none;
  auto end = entries_.begin() + last;
  auto found = std::lower_bound(entries_.begin() + first, end, suffix,
                                [](const entry& e, dns::name_view s) { return before(e.zone.wire(), s); });
  if (found == end || std::memcmp(found->zone.wire().data(), suffix.data(), suffix.size()) != 0)
    return none;
  return found->position;
}

uint32_t zone_index::longest(dns::name_view lowered) const noexcept {
  if (entries_.empty() || lowered.size() > dns::max_name_octets)
    return none;
  const size_t most = entries_.back().zone.size(); // longer suffixes need not be looked up
  for (size_t at = 0; at < lowered.size(); at += lowered[at] + 1u) {
    if (lowered.size() - at > most)
      continue;
    if (uint32_t position = exact(lowered.subspan(at)); position != none)
      return position;
  }
  return none;
}

uint32_t zone_index::shortest_below_root(dns::name_view lowered) const noexcept {
  uint32_t best = none;
  if (entries_.empty() || lowered.size() > dns::max_name_octets)
    return best;
  for (size_t at = 0; at + 1 < lowered.size(); at += lowered[at] + 1u) {
    if (uint32_t position = exact(lowered.subspan(at)); position != none)
      best = position;
  }
  return best;
}

} // namespace troupe::config
