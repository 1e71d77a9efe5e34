// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>

#include <utility>

namespace troupe {

/// Sends a message without a sender, from inside a loop or out of it.
template <class... Ts>
void tell(caf::abstract_actor& to, Ts&&... parts) {
  to.enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<Ts>(parts)...), nullptr);
}

/// The same to who may not be there: then nothing is sent.
template <class Handle, class... Ts>
requires(!std::is_base_of_v<caf::abstract_actor, Handle>) void tell(const Handle& to, Ts&&... parts) {
  if (to)
    tell(*caf::actor_cast<caf::abstract_actor*>(to), std::forward<Ts>(parts)...);
}

} // namespace troupe
