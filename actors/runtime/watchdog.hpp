// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/loop.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe {

/// A thread of its own that looks whether every loop gets on: whether any piece of work ended since the last look, and
/// where none did, whether one that is asked for is. A loop that does nothing at all is stuck in a handler, however
/// long its queues are: that is said, `/health` turns 503, and if it lasts the process ends, so that a new one can
/// serve (design part 6).
class watchdog {
public:
  static constexpr std::chrono::milliseconds interval{250};
  static constexpr std::chrono::seconds stalled_after{2};
  static constexpr std::chrono::seconds end_after{10};
  /// A look that comes so much later than it should says that the process was paused (a debugger, a freezer, a virtual
  /// machine that was moved): then everything is measured anew.
  static constexpr std::chrono::seconds overslept_by{1};

  /// `end` is called when a loop has been stuck for end_after; std::abort unless a test says otherwise.
  explicit watchdog(const std::vector<net::loop*>& loops, std::function<void()> end = {});
  /// Before the loops end.
  ~watchdog();

  /// Looks every interval from now on; being the one thread that wakes up by itself and may wait, it also has free
  /// memory given back.
  void start();
  /// One look. Not while the thread runs, or on it.
  void look(net::time_point now);

  /// Any thread.
  bool stalled() const noexcept { return stalled_.load(std::memory_order_relaxed); }

private:
  struct pulse;

  void run();

  std::function<void()> end_;
  std::vector<std::shared_ptr<pulse>> pulses_; ///< one per loop
  net::time_point looked_{};
  std::atomic<bool> stalled_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace troupe
