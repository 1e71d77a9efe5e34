// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/loop.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

/// One lane of a loop as CAF sees it. exec_later may be called from any thread.
class loop_unit final : public caf::execution_unit {
public:
  loop_unit(caf::actor_system& system, net::loop& home, net::lane lane)
    : execution_unit(&system), home_(&home), lane_(lane) {}
  void exec_later(caf::resumable* job) override;

private:
  net::loop* home_;
  net::lane lane_;
};

/// A loop with both lanes.
struct scheduled_loop {
  /// `time`: the loop's clock, null for the steady one.
  scheduled_loop(caf::actor_system& system, size_t index, const net::clock* time = nullptr);

  net::loop loop;
  loop_unit queries;
  loop_unit control;
};

/// CAF's scheduler module on our loops (design part 2): one thread each, named `loop/N`, and one more, `worker`, which
/// has no sockets: it is for what may take long, and for what wakes without a unit (CAF's clock, HTTP threads). Pinned
/// actors name their loop.
class loop_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  using super = caf::scheduler::abstract_coordinator;
  using super::super;

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new loop_scheduler(system);
  }
  static loop_scheduler& of(caf::actor_system& system);

  void start() override;
  void stop() override;
  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }

  /// Why start() could not start all loops; none runs then. Empty: they run. CAF's constructors know no failure.
  const std::string& failure() const noexcept { return failure_; }

  size_t size() const noexcept { return loops_.size() - 1; }           ///< without the worker
  scheduled_loop& operator[](size_t i) noexcept { return *loops_[i]; } ///< the one behind the last is the worker
  scheduled_loop& worker() noexcept { return *loops_.back(); }

private:
  void start_threads();
  void prove_awake(net::loop& loop);

  std::vector<std::unique_ptr<scheduled_loop>> loops_;
  std::vector<std::thread> threads_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_;
  std::string failure_;
};

/// CAF's configuration with `loops` loops and nothing read from files or arguments.
struct caf_config : caf::actor_system_config {
  explicit caf_config(size_t loops);
};

} // namespace troupe
