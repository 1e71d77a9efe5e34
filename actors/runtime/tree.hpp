// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/registry.hpp"
#include "actors/runtime/supervision.hpp"
#include "messages/supervision.hpp"

#include <functional>
#include <vector>

namespace troupe {

/// One child: who it is, how it is started, and what happens when it fails.
struct child {
  actor_identity who;
  /// Starts it; null if somebody else was asked to (and will `adopt` it).
  std::function<caf::strong_actor_ptr()> start;
  /// Told after a restart has happened; may be empty.
  std::function<void()> restarted;
  /// Told that nobody will be there until the next slow try (true), and that the try comes (false); may be empty.
  std::function<void(bool)> fenced{};
  restart_policy policy{}; ///< of its kind, see supervision.hpp
};

/// Children in starting order.
using tree = std::vector<child_ptr>;

} // namespace troupe
