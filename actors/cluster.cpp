// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster.hpp"

#include <algorithm>
#include <caf/mailbox_element.hpp>

namespace troupe {

zone_target& cluster_on_loop::enter(const zone::namespace_cell_ptr& cell) {
  auto& entry = zones_[cell->name];
  if (!entry)
    entry = std::make_unique<zone_target>();
  entry->cell = cell;
  return *entry;
}

size_t cluster_on_loop::running() const noexcept {
  return static_cast<size_t>(
    std::count_if(zones_.begin(), zones_.end(), [](auto& entry) { return entry.second->actor != nullptr; }));
}

void fan_out::send(net::slice& slots) {
  for (query_target* to : targets_) {
    const uint64_t bits = std::exchange(to->pending, 0);
    // The last target mostly gets all that is left: then the slice itself travels.
    net::slice part = bits == slots.bits() ? std::exchange(slots, {}) : slots.split(bits);
    // A dead actor drops the message, and with it the cell reports the slots to their endpoint.
    if (to->actor)
      to->actor->enqueue(
        caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, queries{std::move(part).hand_over()}), nullptr);
  }
  targets_.clear();
}

} // namespace troupe
