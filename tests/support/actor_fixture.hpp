// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/meters.hpp"
#include "actors/runtime/actor_context.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

namespace troupe::test {

/// Actors without threads, sockets and waiting: CAF's test scheduler runs them when a test says so, its clock moves by
/// hand, and so are two loops. Pinned actors made with no home run on the scheduler, those with `&pinned_here` or
/// `&pinned_there` on that loop.
class actor_fixture : public ::testing::Test {
public:
  actor_fixture() : system(config()), scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {}

  ~actor_fixture() override { end(); }

  /// Stops all actors. For destructors of fixtures that own what actors use.
  void end() {
    tell(shared.where.find<supervisor_actor>("supervisor"), stop_atom::value);
    run();
    for (auto& stats : shared.actors.all())
      kill(stats->identity.name, caf::exit_reason::user_shutdown);
    run();
    for (auto& stats : shared.actors.all())
      if (auto gone = find(stats->identity.name))
        shared.where.leave(stats->identity.name, caf::actor_cast<caf::actor_addr>(gone));
    run();
  }

  /// Until no actor and no task of the loops has anything to do.
  void run() {
    bool more = true;
    while (more) {
      const uint64_t before = handled();
      more = scheduler.run() != 0;
      more |= home.run_turn();
      more |= pinned_there.loop.run_turn();
      more |= scheduler.has_job();
      more |= handled() != before; // the second loop may have posted to the first
    }
  }

  /// The loops' clock moves on, then run().
  void wait(net::duration interval) {
    time.advance(interval);
    run();
  }

  /// CAF's clock moves on, then run(). What is due at the end of the interval happens.
  void pass(caf::timespan interval) {
    scheduler.advance_time(interval);
    run();
  }

  caf::strong_actor_ptr find(const std::string& name) const { return shared.where.find<caf::strong_actor_ptr>(name); }

  void kill(const std::string& name, caf::exit_reason why = caf::exit_reason::kill) {
    if (auto victim = find(name))
      caf::anon_send_exit(caf::actor_cast<caf::actor>(victim), why);
  }

  /// The counts of the actor of that name, null if there is none.
  actor_stats_ptr stats(const std::string& name) const {
    for (auto& each : shared.actors.all())
      if (each->identity.name == name)
        return each;
    return nullptr;
  }

  uint64_t restarts(const std::string& name) const {
    auto found = stats(name);
    return found ? found->restarts.load() : 0;
  }

  /// Messages, by all actors.
  uint64_t handled() const {
    uint64_t sum = 0;
    for (auto& each : shared.actors.all())
      sum += each->messages;
    return sum;
  }

  /// A line of the tree whose actor is an `Actor(process, identity, more…)`.
  template <class Actor, class... Ts>
  std::shared_ptr<child> line(actor_identity who, Ts... more) {
    auto made = std::make_shared<child>();
    made->who = who;
    made->start = [this, who, more...] {
      return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<Actor>(std::ref(shared), who, more...));
    };
    return made;
  }

  supervisor_actor supervise(tree children) {
    auto made = system.spawn<supervisor>(std::ref(shared));
    for (auto& each : children)
      tell(made, adopt{each, nullptr});
    return made;
  }

  net::manual_clock time;
  actor_context shared;
  meters metered{2};

private:
  static caf::actor_system_config& config() {
    struct testing : caf::actor_system_config {
      testing() { set("scheduler.policy", caf::atom("testing")); }
    };
    static thread_local std::unique_ptr<testing> current;
    current = std::make_unique<testing>(); // one a system, since a system writes to it
    return *current;
  }

public:
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
  scheduled_loop pinned_here{system, 0, &time};
  scheduled_loop pinned_there{system, 1, &time};
  net::loop& home = pinned_here.loop;
};

} // namespace troupe::test
