// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/actor_context.hpp"
#include "actors/runtime/loop_scheduler.hpp"
#include "actors/runtime/tell.hpp"
#include "messages/faults.hpp"
#include "net/work_meter.hpp"

#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <chrono>

namespace troupe {

/// The base of every actor: counts messages, time and mailbox into the actor's stats (CAF's own profiler is compiled
/// out of Debian's package), and in test builds fails on purpose when told to.
template <class Base>
class counted : public Base {
public:
  using Base::enqueue;

  counted(caf::actor_config& cfg, actor_context& shared, const actor_identity& who)
    : Base(cfg), shared_(shared), stats_(shared.actors.enter(who)) {
    stats_->mailbox = 0;
    stats_->state = actor_stats::life::running;
  }

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    stats_->enqueued();
    Base::enqueue(std::move(element), unit);
  }

  /// From here on others find it, so that answers to its first messages do not miss it.
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    shared_.where.enter(stats_->identity.name, caf::strong_actor_ptr{this->ctrl()});
    Base::launch(unit, lazy, hide);
  }

  caf::invoke_message_result consume(caf::mailbox_element& element) override {
    stats_->handled();
#ifdef TROUPE_FAULTS
    net::work_meter::is(stats_->identity.kind + ": " + kind_of(element));
    if (const fault* told = fault_in(element)) {
      suffer(*told);
      return caf::invoke_message_result::consumed;
    }
    if (corrupt_)
      throw std::logic_error("corrupt on purpose");
#endif
    return Base::consume(element);
  }

  caf::resumable::resume_result resume(caf::execution_unit* unit, size_t most) override {
    // A loop reads the clock once a job: where the last one ended, this one begins.
#ifdef TROUPE_FAULTS
    net::work_meter::is(stats_->identity.kind + ": begins");
#endif
    net::loop* here = net::loop::current();
    const auto began = here ? here->job_began() : std::chrono::steady_clock::now();
    const auto result = Base::resume(unit, most);
    const auto ended = here ? here->read_clock() : std::chrono::steady_clock::now();
    if (here)
      here->job_ended(ended);
    const auto spent = static_cast<uint64_t>((ended - began).count());
    stats_->processing_ns.store(stats_->processing_ns.load(std::memory_order_relaxed) + spent,
                                std::memory_order_relaxed);
    return result;
  }

protected:
  actor_context& shared() const noexcept {
    return shared_;
  }
  actor_stats& stats() const noexcept {
    return *stats_;
  }
  const actor_identity& identity() const noexcept {
    return stats_->identity;
  }
  /// What this actor works on, if it outlives it and its successor goes on from it; else null.
  virtual std::shared_ptr<const void> lasting_state() const {
    return nullptr;
  }
  void count_queries(size_t n) noexcept {
    stats_->queries.store(stats_->queries.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

private:
#ifdef TROUPE_FAULTS
  void suffer(const fault& told) {
    if (told.kind == "throw")
      throw std::runtime_error("failed on purpose");
    if (told.kind == "stall")
      std::this_thread::sleep_for(told.lasts);
    if (told.kind != "poison")
      return;
    if (auto state = lasting_state())
      poisoned.add(state);
    else
      corrupt_ = true; // goes with this actor
  }

  bool corrupt_ = false;
#endif
  actor_context& shared_;
  actor_stats_ptr stats_;
};

/// Runs on the worker, whoever sends: nobody on the path of a query waits for it, however long it works. May not hold
/// sockets, timers or memory of a loop. Without a worker (in tests) CAF runs it on its sender's unit.
template <class Handle>
class floating : public counted<typename Handle::base> {
public:
  using super = counted<typename Handle::base>;
  using super::enqueue;
  using super::super;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    super::enqueue(std::move(element), unit_or(unit));
  }

  void launch(caf::execution_unit* unit, bool lazy, bool hide) override { super::launch(unit_or(unit), lazy, hide); }

private:
  caf::execution_unit* unit_or(caf::execution_unit* unit) const noexcept {
    return this->shared().worker ? &this->shared().worker->control : unit;
  }
};

/// Runs on its home loop only, whoever sends: CAF would resume it on the sender's unit. `enqueue` and `launch` are the
/// only ways in. Without a home (in tests) it is like a floating one.
template <class Handle>
class pinned : public counted<typename Handle::base> {
public:
  using super = counted<typename Handle::base>;
  using super::enqueue;

  pinned(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
         net::lane lane = net::lane::queries)
    : super(cfg, shared, who), home_(home), lane_(lane) {}

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    super::enqueue(std::move(element), home_ ? home_unit() : unit);
  }

  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    super::launch(home_ ? home_unit() : unit, lazy, hide);
  }

protected:
  scheduled_loop* home() const noexcept { return home_; }
  net::loop* loop() const noexcept { return home_ ? &home_->loop : nullptr; }

private:
  caf::execution_unit* home_unit() const noexcept {
    return lane_ == net::lane::queries ? &home_->queries : &home_->control;
  }

  scheduled_loop* home_;
  net::lane lane_;
};

} // namespace troupe
