// SPDX-License-Identifier: Apache-2.0
#include "actors/query_target.hpp"

#include <caf/mailbox_element.hpp>

#include <utility>

namespace troupe {

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
