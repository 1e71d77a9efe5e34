// SPDX-License-Identifier: Apache-2.0
#include "actors/watchdog.hpp"

#include "actors/last_words.hpp"
#include "actors/machine.hpp"
#include "actors/named_thread.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace troupe {

/// What one loop was asked and when. The loop holds it too while a question is under way.
struct watchdog::pulse {
  explicit pulse(net::loop& of) : loop(of) {}

  net::loop& loop;
  std::atomic<bool> under_way{false};
  net::time_point asked;
  bool said = false; ///< that it is stuck

  void ask(const std::shared_ptr<pulse>& self, net::time_point now) {
    static constexpr net::task::verbs answer{[](void* what, net::loop&) { take(what)->under_way = false; },
                                             [](void* what) noexcept { take(what); }};
    asked = now;
    under_way = true;
    loop.post(net::lane::control, {&answer, new std::shared_ptr<pulse>{self}});
  }
  static std::shared_ptr<pulse> take(void* what) {
    const std::unique_ptr<std::shared_ptr<pulse>> owned{static_cast<std::shared_ptr<pulse>*>(what)};
    return *owned;
  }
};

watchdog::watchdog(const std::vector<net::loop*>& loops, std::function<void()> end)
  : end_(end ? std::move(end) : [] { std::abort(); }) {
  for (net::loop* each : loops)
    pulses_.push_back(std::make_shared<pulse>(*each));
}

void watchdog::start() {
  thread_ = named_thread("watchdog", [this] { run(); });
}

watchdog::~watchdog() {
  {
    std::lock_guard lock{mutex_};
    over_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void watchdog::run() {
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, interval, [this] { return over_; })) {
    look(std::chrono::steady_clock::now());
    machine::give_back_memory();
  }
}

void watchdog::look(net::time_point now) {
  bool any = false;
  for (const auto& each : pulses_) {
    if (!each->under_way) {
      if (std::exchange(each->said, false))
        log::warning("watchdog: loop {} goes on", each->loop.index());
      each->ask(each, now);
      continue;
    }
    const auto stuck = now - each->asked;
    if (stuck < stalled_after)
      continue;
    any = true;
    if (!std::exchange(each->said, true))
      log::error("watchdog: loop {} has been stuck for {} s; /health says so", each->loop.index(),
                 stalled_after.count());
    if (stuck >= end_after) {
      log::write_at_once(log::level::fatal, fmt::format("watchdog: loop {} has been stuck for {} s; ending the process",
                                                        each->loop.index(), end_after.count()));
      end_();
    }
  }
  stalled_ = any;
}

} // namespace troupe
