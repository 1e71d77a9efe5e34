// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

/// Signals, which main takes alone, one at a time.
namespace troupe {

/// Holds back all that the process takes, for this thread and, since the mask is inherited, for all that come later:
/// one that let a signal through would end the process by it. First thing in main: reading a Corefile can start
/// threads. What comes meanwhile waits.
sigset_t take_signals();

/// While it lives a signal that asks for an end ends the process at once, with status 0 as in CoreDNS: there is nothing
/// to stop yet, and standard input may take for ever. Only while there is one thread.
class nothing_to_stop {
public:
  nothing_to_stop();
  ~nothing_to_stop();
};

/// The next signal that asks for an end within `wait`, or 0. `on_other` is called for each of the others meanwhile.
int wait_for_end(const sigset_t& signals, std::chrono::nanoseconds wait, const std::function<void(int)>& on_other = {});

/// SIGQUIT: at once, with CoreDNS's status.
[[noreturn]] void quit_at_once();

/// The end of the process, from the signal that asked for it. As in CoreDNS SIGTERM changes nothing any more, since
/// process managers send it twice; SIGINT a second time ends the process with status 2, SIGQUIT with 0.
class ending {
public:
  ending(const sigset_t& signals, int first) : signals_(signals), interrupted_(first == SIGINT) {}

  /// Hears signals for so long.
  void wait(std::chrono::nanoseconds time);
  void again(int signal);
  const sigset_t& signals() const noexcept { return signals_; }

private:
  const sigset_t signals_;
  bool interrupted_; ///< by SIGINT
};

/// Hears signals while it lives: stopping takes seconds where something hangs. Without a thread to be had nobody hears
/// them.
class impatience {
public:
  explicit impatience(ending& stop);
  ~impatience();

private:
  std::jthread thread_;
};

} // namespace troupe
