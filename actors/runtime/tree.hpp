// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/registry.hpp"
#include "messages/supervision.hpp"

#include <chrono>
#include <vector>

namespace troupe {

/// How often a child may fail before it is fenced, and how long each restart waits.
struct restart_policy {
  size_t most = 50; ///< failures within `window`; one more fences the child
  std::chrono::milliseconds window{10'000};
  std::chrono::milliseconds first_backoff{0};     ///< the first restart is at once: nobody should notice it
  std::chrono::milliseconds next_backoff{1};      ///< doubles with each further failure in the window
  std::chrono::milliseconds longest_backoff{100}; ///< so that who fails again and again reaches `most` in a window
  std::chrono::milliseconds fenced_retry{10'000};
  std::chrono::milliseconds short_life{250}; ///< who fails sooner after a restart begins the next one with nothing
};

/// One line of the tree: who it is, how it is started, and what happens when it fails. Children fail alone (one for
/// one): what another needs of a failed one lives in published cells and the directory, not in the failed actor.
struct child {
  actor_identity who;
  /// Starts it; null if somebody else was asked to (and will `adopt` it).
  std::function<caf::strong_actor_ptr()> start;
  /// Told after a restart has happened; may be empty.
  std::function<void()> restarted;
  /// Told that nobody will be there until the next slow try (true), and that the try comes (false); may be empty.
  std::function<void(bool)> fenced{};
  restart_policy policy{};
};

/// The children in starting order: data before listeners. Stopping goes the other way.
using tree = std::vector<child_ptr>;

} // namespace troupe
