// SPDX-License-Identifier: Apache-2.0
#include "actors/server/ending.hpp"

#include "actors/runtime/log_unbuffered.hpp"
#include "actors/server/pid_file.hpp"

#include <algorithm>
#include <system_error>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int ends[] = {SIGTERM, SIGINT, SIGQUIT};

sigset_t set_of_ends() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : ends)
    sigaddset(&set, signal);
  return set;
}

[[noreturn]] void end_at_once(const char* said, int status) {
  log::write_at_once(log::level::info, said);
  pid_file::remove_written();
  _exit(status);
}

} // namespace

sigset_t take_signals() {
  sigset_t set = set_of_ends();
  for (int signal : {SIGUSR1, SIGUSR2, SIGHUP})
    sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_IGN); // as process 1 of a container it inherits children, which the kernel then buries
  return set;
}

/// A handler, since what would end others by default does not end process 1 of a container.
nothing_to_stop::nothing_to_stop() {
  for (int signal : ends)
    std::signal(signal, [](int) { _exit(0); });
  const sigset_t set = set_of_ends();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

nothing_to_stop::~nothing_to_stop() {
  const sigset_t set = set_of_ends();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  for (int signal : ends)
    std::signal(signal, SIG_DFL);
}

int wait_for_end(const sigset_t& signals, std::chrono::nanoseconds wait, const std::function<void(int)>& on_other) {
  const auto end = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto left =
      std::max<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
    const timespec most{static_cast<time_t>(left.count() / 1'000'000'000),
                        static_cast<long>(left.count() % 1'000'000'000)};
    const int signal = sigtimedwait(&signals, nullptr, &most);
    if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT)
      return signal;
    if (signal > 0 && on_other)
      on_other(signal);
    if (left.count() == 0)
      return 0;
  }
}

void quit_at_once() {
  end_at_once("SIGQUIT: Quitting process immediately", 0);
}

void ending::wait(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (const int signal = wait_for_end(signals_, end - std::chrono::steady_clock::now()))
    again(signal);
}

void ending::again(int signal) {
  if (signal == SIGQUIT)
    quit_at_once();
  if (signal != SIGINT)
    return;
  if (interrupted_)
    end_at_once("SIGINT: Force quit", 2);
  interrupted_ = true;
  log::info("SIGINT: Shutting down");
}

impatience::impatience(ending& stop) {
  try {
    thread_ = std::jthread{[&stop](const std::stop_token& over) {
      for (;;) {
        const int signal = sigwaitinfo(&stop.signals(), nullptr);
        if (over.stop_requested())
          return;
        stop.again(signal);
      }
    }};
  } catch (const std::system_error& failed) {
    log::warning("server: further signals are not heard while it stops: {}", failed.what());
  }
}

/// The thread waits for signals and for nothing else, so one of its own wakes it.
impatience::~impatience() {
  if (!thread_.joinable())
    return;
  thread_.request_stop();
  pthread_kill(thread_.native_handle(), SIGHUP);
}

} // namespace troupe
