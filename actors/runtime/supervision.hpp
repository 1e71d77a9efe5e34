// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/registry.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

/// The tree of actors as data: who there is, under whom, in which order, and what happens to who fails.
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

/// Where an actor runs.
enum class home : uint8_t {
  worker,    ///< floats: on the worker, whoever sends
  loop,      ///< pinned to the loop in its name, one for each
  loop_zero, ///< pinned to the first loop
  some_loop  ///< pinned to one of them
};

/// One line of the tree: all children of a kind.
struct supervised {
  std::string_view names;  ///< capitals stand for something: `zone/NS/LOOP`
  std::string_view kind;   ///< as `/actors` and the label `kind` of metrics have it
  std::string_view parent; ///< a name, likewise
  home runs;
  std::string_view many; ///< one for each …; for who reads the table, since one child cannot tell how many there are
  restart_policy policy{};
};

/// All of them, in the order in which they start: data before what answers from it, listeners last. They stop the other
/// way. Each fails alone (one for one): what others need of it lives in published cells and the directory.
std::span<const supervised> supervision() noexcept;

/// Null: there is no such kind.
const supervised* supervision_of(std::string_view kind) noexcept;

/// `who` is a child of that line: by its name, that of its parent, and where it runs. Builds with assertions hold that
/// of every child (make_child).
bool fits(const supervised& line, const actor_identity& who) noexcept;

} // namespace troupe
