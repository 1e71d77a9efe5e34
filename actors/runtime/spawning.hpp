// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/loop_scheduler.hpp"
#include "actors/runtime/tree.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <cassert>

namespace troupe {

struct actor_context;

/// How the supervisor starts an actor of a type: with these arguments, each time.
template <class Actor, class... Ts>
std::function<caf::strong_actor_ptr()> starter(caf::actor_system& system, Ts... arguments) {
  return [&system, arguments...] { return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<Actor>(arguments...)); };
}

/// A child that the tree knows (supervision.hpp).
inline std::shared_ptr<child> make_child(actor_identity who, std::function<caf::strong_actor_ptr()> start) {
  const supervised* const kind = supervision_of(who.kind);
  assert(kind && fits(*kind, who));
  auto made = std::make_shared<child>();
  made->who = std::move(who);
  made->start = std::move(start);
  made->policy = kind ? kind->policy : restart_policy{};
  return made;
}

/// Where children live: the functions that say which actors a cluster, a `forward` or a `cache` consists of take one.
struct spawn_site {
  caf::actor_system& system;
  actor_context& shared;
  scheduled_loop* worker;             ///< null (in tests): CAF's scheduler
  std::vector<scheduled_loop*> loops; ///< likewise each of them

  /// A child whose actor is an `Actor(shared, who, arguments…)`.
  template <class Actor, class... Ts>
  std::shared_ptr<child> make(const actor_identity& who, Ts... arguments) const {
    return make_child(who, starter<Actor>(system, std::ref(shared), who, arguments...));
  }
};

} // namespace troupe
