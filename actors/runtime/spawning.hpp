// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/tree.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

namespace troupe {

/// How the supervisor starts an actor of a type: with these arguments, each time.
template <class Actor, class... Ts>
std::function<caf::strong_actor_ptr()> starter(caf::actor_system& system, Ts... arguments) {
  return [&system, arguments...] { return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<Actor>(arguments...)); };
}

inline child_ptr make_child(actor_identity who, std::function<caf::strong_actor_ptr()> start) {
  auto made = std::make_shared<child>();
  made->who = std::move(who);
  made->start = std::move(start);
  return made;
}

} // namespace troupe
