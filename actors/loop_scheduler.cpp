// SPDX-License-Identifier: Apache-2.0
#include "actors/loop_scheduler.hpp"

#include "actors/log.hpp"
#include "net/work_meter.hpp"

#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <pthread.h>

namespace troupe {

namespace {

/// Messages between two looks at the clock: an actor may handle what it has for as long as a turn, then others have
/// theirs.
constexpr size_t messages_per_look = 1;

/// CAF notes who runs on a thread in a map behind a lock that all loops share, for log lines that nobody reads; where
/// the thread has no logger it does not. `spawn` sets one again, so none is ever there for long.
void forget_logger() {
  caf::logger::set_current_actor_system(nullptr);
}

void run_job(void* object, net::loop& home, caf::execution_unit& unit) {
  auto* job = static_cast<caf::resumable*>(object);
  const net::time_point end = home.job_began() + net::loop::max_turn;
  caf::resumable::resume_result result;
  do {
    forget_logger();
    result = job->resume(&unit, messages_per_look);
  } while (result == caf::resumable::resume_later && home.read_clock() < end);
  switch (result) {
  case caf::resumable::resume_later:
    unit.exec_later(job);
    break;
  case caf::resumable::done:
  case caf::resumable::awaiting_message:
    caf::intrusive_ptr_release(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;
  }
}

void discard(void* job) noexcept {
  caf::scheduler::abstract_coordinator::cleanup_and_release(static_cast<caf::resumable*>(job));
}

scheduled_loop& unit_owner(net::loop& loop) noexcept {
  return *static_cast<scheduled_loop*>(loop.scheduler);
}

constexpr net::task::verbs as_query{[](void* job, net::loop& l) { run_job(job, l, unit_owner(l).queries); }, discard};
constexpr net::task::verbs as_control{[](void* job, net::loop& l) { run_job(job, l, unit_owner(l).control); }, discard};

#ifdef TROUPE_FAULTS
void report_long_work() {
  net::work_meter::report_to([](const std::string& what, std::chrono::nanoseconds took) {
    log::warning("held its loop for {} us: {}", took.count() / 1000, what); // tests/faults/server.py reads it
  });
}
void leave_out(net::loop& worker) {
  static constexpr net::task::verbs how{[](void*, net::loop&) { net::work_meter::leave_out_this_thread(); },
                                        [](void*) noexcept {}};
  worker.post(net::lane::control, {&how, nullptr});
}
#else
void report_long_work() {}
void leave_out(net::loop&) {}
#endif

} // namespace

void loop_unit::exec_later(caf::resumable* job) {
  home_->post(lane_, {lane_ == net::lane::queries ? &as_query : &as_control, job});
}

scheduled_loop::scheduled_loop(caf::actor_system& system, size_t index, const net::clock* time)
  : loop(index, time), queries(system, loop, net::lane::queries), control(system, loop, net::lane::control) {
  loop.scheduler = this;
}

loop_scheduler& loop_scheduler::of(caf::actor_system& system) {
  return dynamic_cast<loop_scheduler&>(system.scheduler());
}

void loop_scheduler::start() {
  report_long_work();
  for (size_t i = 0; i <= num_workers(); ++i)
    loops_.push_back(std::make_unique<scheduled_loop>(system(), i));
  leave_out(worker().loop);
  for (auto& l : loops_) {
    threads_.emplace_back([&loop = l->loop] { loop.run(); });
    const std::string name = l == loops_.back() ? "worker" : "loop/" + std::to_string(l->loop.index());
    ::pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
  timer_ = std::thread([this] { clock_.run_dispatch_loop(); });
  ::pthread_setname_np(timer_.native_handle(), "clock");
  super::start();
}

void loop_scheduler::stop() {
  stop_actors();
  for (auto& l : loops_)
    l->loop.stop();
  for (auto& t : threads_)
    t.join();
  clock_.cancel_dispatch_loop();
  timer_.join();
  loops_.clear();
}

void loop_scheduler::enqueue(caf::resumable* job) {
  worker().control.exec_later(job);
}

caf_config::caf_config(size_t loops) {
  load<loop_scheduler>();
  set("scheduler.max-threads", loops);
  set("scheduler.max-throughput", messages_per_look);
  set("logger.verbosity", caf::atom("quiet"));
}

} // namespace troupe
