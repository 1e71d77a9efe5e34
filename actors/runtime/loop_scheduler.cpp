// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/loop_scheduler.hpp"

#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/named_thread.hpp"
#include "net/work_meter.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <fmt/format.h>
#include <future>

namespace troupe {

namespace {

/// Messages between two looks at the clock: an actor may handle what it has for as long as a turn, then others have
/// theirs.
constexpr size_t messages_per_look = 1;

/// A loop has to show at its start that it can be woken, by others and by its timers.
constexpr std::chrono::milliseconds wake_up{1};
constexpr std::chrono::seconds awake_within{10};

std::shared_ptr<std::promise<void>> take_promise(void* object) {
  const std::unique_ptr<std::shared_ptr<std::promise<void>>> owned{
    static_cast<std::shared_ptr<std::promise<void>>*>(object)};
  return *owned;
}

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

/// Whom CAF tells what an actor failed of that handles no exceptions itself. CAF's own printer takes a thread.
class failure_printer final : public caf::event_based_actor {
public:
  explicit failure_printer(caf::actor_config& cfg) : event_based_actor(cfg) {
    set_default_handler(caf::drop); // of a printer's other messages there is none here
  }
  caf::behavior make_behavior() override {
    return {[](caf::add_atom, caf::actor_id, const std::string& text) { log::warning("actors: {}", text); }};
  }
};

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
  static constexpr net::task::verbs verbs{[](void*, net::loop&) { net::work_meter::leave_out_this_thread(); },
                                          [](void*) noexcept {}};
  worker.post(net::lane::control, {&verbs, nullptr});
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
  try {
    start_threads();
  } catch (const std::exception& failed) {
    failure_ = failure_text(failed);
    stop();
  }
}

void loop_scheduler::start_threads() {
  for (size_t i = 0; i <= num_workers(); ++i)
    loops_.push_back(std::make_unique<scheduled_loop>(system(), i));
  leave_out(worker().loop);
  threads_.reserve(loops_.size()); // one that runs must not be lost for want of room
  for (auto& l : loops_)
    threads_.push_back(named_thread(l == loops_.back() ? "worker" : "loop/" + std::to_string(l->loop.index()),
                                    [&loop = l->loop] { loop.run(); }));
  timer_ = named_thread("clock", [this] { clock_.run_dispatch_loop(); });
  for (auto& l : loops_)
    prove_awake(l->loop);
  utility_actors_[printer_id] = system().spawn<failure_printer, caf::hidden>();
}

/// Asio says nothing if the kernel has no room to watch what wakes it, and sleeps for ever then: nobody could even end
/// such a loop.
void loop_scheduler::prove_awake(net::loop& loop) {
  auto awake = std::make_shared<std::promise<void>>(); // the loop may come to it after all
  static constexpr net::task::verbs verbs{[](void* object, net::loop& at) {
                                            at.at(at.now() + wake_up,
                                                  [told = take_promise(object)] { told->set_value(); });
                                          },
                                          [](void* object) noexcept { take_promise(object); }};
  auto future = awake->get_future();
  loop.post(net::lane::control, {&verbs, new std::shared_ptr{std::move(awake)}});
  if (future.wait_for(awake_within) == std::future_status::timeout)
    log::fatal(fmt::format("loop {} cannot be woken: the kernel had no room for what epoll is to watch", loop.index()));
}

void loop_scheduler::stop() {
  if (utility_actors_[printer_id])
    stop_actors();
  for (auto& l : loops_)
    l->loop.stop();
  for (auto& t : threads_)
    t.join();
  threads_.clear();
  if (timer_.joinable()) {
    clock_.cancel_dispatch_loop();
    timer_.join();
  }
  loops_.clear();
}

void loop_scheduler::enqueue(caf::resumable* job) {
  if (loops_.empty())
    return discard(job);
  worker().control.exec_later(job);
}

caf_config::caf_config(size_t loops) {
  load<loop_scheduler>();
  set("scheduler.max-threads", loops);
  set("scheduler.max-throughput", messages_per_look);
  set("logger.verbosity", caf::atom("quiet"));
}

} // namespace troupe
