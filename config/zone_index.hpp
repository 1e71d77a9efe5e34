// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace troupe::config {

/// Finds the longest of some zones that a name is at or below. Immutable after `build`; any thread, no allocation.
/// Cost: one walk over the labels of the name and one binary search for each length that zones have.
class zone_index {
public:
  static constexpr uint32_t none = UINT32_MAX;

  zone_index() = default;

  /// Over `zones`; of equal ones the first counts. Names are lower-cased here.
  explicit zone_index(const std::vector<dns::name>& zones);

  /// Position in `zones` of the longest one that holds `lowered` (a whole lower-cased wire name), or `none`.
  /// The root holds everything.
  uint32_t longest(dns::name_view lowered) const noexcept;

  /// The same for the shortest one but the root.
  uint32_t shortest_below_root(dns::name_view lowered) const noexcept;

  bool empty() const noexcept { return entries_.empty(); }

  /// The zones, lower-cased, in no order that means anything.
  std::vector<dns::name> zones() const {
    std::vector<dns::name> out;
    for (const entry& e : entries_)
      out.push_back(e.zone);
    return out;
  }

private:
  struct entry {
    dns::name zone;
    uint32_t position;
  };

  uint32_t exact(dns::name_view suffix) const noexcept;

  std::vector<entry> entries_;                             // by length, then octets
  std::array<uint32_t, dns::max_name_octets + 2> start_{}; // entries of length n: [start_[n], start_[n + 1])
};

} // namespace troupe::config
