// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/spawning.hpp"
#include "actors/runtime/watchdog.hpp"
#include "messages/supervision.hpp"

#include <functional>

namespace troupe {

/// The loops, and on them the supervisor with its children. Thread: main's, or the one that reloads meanwhile.
class actor_tree {
public:
  explicit actor_tree(size_t loops) : loop_count_(loops) {}

  /// Loops, supervisor and watchdog. Throws if threads, descriptors or memory are not to be had.
  void start(actor_context& shared);
  bool started() const noexcept { return system_ != nullptr; }

  size_t loop_count() const noexcept { return loop_count_; }
  net::loop& loop(size_t i); ///< behind the last one comes the worker's
  spawn_site site();
  /// Its watchdog says that a loop is stuck. Any thread.
  bool stalled() const;

  void adopt(const child_ptr& child);
  /// True: they are gone, with all that they started, and every turn that they were part of is over.
  bool dismiss(std::vector<std::string> names);
  /// Runs `job` on the loop of that number and waits for it; loop_count() is the worker. What it throws is thrown here.
  void run_on(size_t number, const std::function<void()>& job);

  /// Ends all children, the last first. If some cannot be ended, because they are busy or the supervisor failed, the
  /// process ends instead: what was asked is answered by then, and the kernel takes sockets and memory, since taking
  /// them away under living actors would be worse.
  void stop_children();
  void stop_watchdog();
  /// The loops. Nothing of them may be in use any more.
  void end();

private:
  const size_t loop_count_;
  std::unique_ptr<caf_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  actor_context* shared_ = nullptr;
  supervisor_actor supervisor_;
  std::unique_ptr<watchdog> watchdog_;
  std::atomic<const watchdog*> watching_{nullptr}; ///< the same, for other threads
};

} // namespace troupe
