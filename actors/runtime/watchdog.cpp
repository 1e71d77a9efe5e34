// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/watchdog.hpp"

#include "actors/runtime/host.hpp"
#include "actors/runtime/log_unbuffered.hpp"
#include "actors/runtime/named_thread.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace troupe {

/// What is known of one loop, and a question to it that comes before all other work. The loop holds it too while the
/// question is under way.
struct watchdog::pulse : net::inbox_node {
  explicit pulse(net::loop& watched) : inbox_node(own_verbs), loop(watched) {}

  net::loop& loop;
  std::atomic<bool> under_way{false};
  std::shared_ptr<pulse> held; ///< itself, while under way
  uint64_t work_done = 0;      ///< when last looked at
  net::time_point alive;       ///< the last time that it was seen to get on
  bool said = false;           ///< that it is stuck

  /// Whether it did anything since the last look, or has nothing to do. Asks again where it answered.
  bool gets_on(const std::shared_ptr<pulse>& self) {
    const bool worked = std::exchange(work_done, loop.work_done()) != loop.work_done();
    if (under_way)
      return worked;
    held = self;
    under_way = true;
    loop.post(*this);
    return true;
  }

private:
  static void answer(net::inbox_node* node) {
    auto* self = static_cast<pulse*>(node);
    const std::shared_ptr<pulse> held = std::move(self->held);
    held->under_way = false;
  }
  static constexpr verbs own_verbs{[](net::inbox_node* node, net::loop&) { answer(node); },
                                   [](net::inbox_node* node) noexcept { answer(node); }};
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
    host::give_back_memory();
  }
}

void watchdog::look(net::time_point now) {
  const bool overslept = now - std::exchange(looked_, now) > interval + overslept_by;
  bool any = false;
  for (const auto& each : pulses_) {
    const bool gets_on = each->gets_on(each);
    if (gets_on || overslept)
      each->alive = now;
    if (gets_on && std::exchange(each->said, false))
      log::warning("watchdog: loop {} goes on", each->loop.index());
    const auto stuck = now - each->alive;
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
