// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cluster_on_loop.hpp"

#include <algorithm>

namespace troupe {

zone_target& cluster_on_loop::enter(const zone::namespace_cell_ptr& cell) {
  auto& entry = zones_[cell->name];
  if (!entry)
    entry = std::make_unique<zone_target>();
  entry->cell = cell;
  return *entry;
}

void cluster_on_loop::set_fenced(const zone::namespace_cell_ptr& cell, bool on) {
  if (std::exchange(enter(cell).fenced, on) != on)
    on ? ++fences_ : --fences_;
}

void cluster_on_loop::forget_gone() {
  boost::unordered::erase_if(zones_, [](auto& entry) {
    const zone_target& target = *entry.second;
    return !target.actor && !target.fenced && target.cell->gone;
  });
}

size_t cluster_on_loop::running() const noexcept {
  return static_cast<size_t>(
    std::count_if(zones_.begin(), zones_.end(), [](auto& entry) { return entry.second->actor != nullptr; }));
}

} // namespace troupe
