// SPDX-License-Identifier: Apache-2.0
#include "actors/server/actor_tree.hpp"

#include "actors/runtime/actor_context.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/log_unbuffered.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/scoped_actor.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <stdexcept>

namespace troupe {

namespace {

constexpr std::chrono::seconds stop_limit{5};

[[noreturn]] void end_at_once() {
  log::finish();
  std::fprintf(stderr, "[ERROR] server: actors were busy for %d s or had lost their supervisor; ending without them\n",
               static_cast<int>(stop_limit.count()));
  std::_Exit(1);
}

} // namespace

void actor_tree::start(actor_context& shared) {
  shared_ = &shared;
  config_ = std::make_unique<caf_config>(loop_count_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  system_->await_actors_before_shutdown(false); // stop_children() waits, with a bound
  auto& loops = loop_scheduler::of(*system_);
  if (const std::string failed = loops.failure(); !failed.empty()) {
    system_.reset();
    throw std::runtime_error(failed);
  }
  shared.worker = &loops.worker();
  supervisor_ = system_->spawn<supervisor>(std::ref(shared));
  std::vector<net::loop*> watched;
  for (size_t i = 0; i <= loop_count_; ++i) // the worker too
    watched.push_back(&loop(i));
  watchdog_ = std::make_unique<watchdog>(watched);
  watchdog_->start();
  watching_ = watchdog_.get();
}

net::loop& actor_tree::loop(size_t i) {
  return loop_scheduler::of(*system_)[i].loop;
}

spawn_site actor_tree::site() {
  auto& loops = loop_scheduler::of(*system_);
  spawn_site out{*system_, *shared_, &loops.worker(), {}};
  for (size_t i = 0; i < loop_count_; ++i)
    out.loops.push_back(&loops[i]);
  return out;
}

bool actor_tree::stalled() const {
  const watchdog* watching = watching_;
  return watching && watching->stalled();
}

void actor_tree::adopt(const child_ptr& child) {
  tell(supervisor_, troupe::adopt{child, nullptr});
}

bool actor_tree::dismiss(std::vector<std::string> names) {
  caf::scoped_actor self{*system_};
  bool gone = false;
  self->request(supervisor_, stop_limit, troupe::dismiss{std::move(names)})
    .receive([&](bool) { gone = true; }, [](const caf::error&) {});
  for (size_t i = 0; gone && i <= loop_count_; ++i) // the worker too
    run_on(i, [] {});
  return gone;
}

void actor_tree::run_on(size_t number, const std::function<void()>& job) {
  struct call {
    const std::function<void()>& job;
    std::promise<void> done;
  } now{job, {}};
  static constexpr net::task::verbs verbs{[](void* object, net::loop&) {
                                            auto* c = static_cast<call*>(object);
                                            try {
                                              c->job();
                                              c->done.set_value();
                                            } catch (...) {
                                              c->done.set_exception(std::current_exception());
                                            }
                                          },
                                          [](void*) noexcept {}};
  loop(number).post(net::lane::control, {&verbs, &now});
  now.done.get_future().get();
}

void actor_tree::stop_children() {
  if (!supervisor_)
    return;
  caf::scoped_actor self{*system_};
  bool stopped = false;
  self->request(supervisor_, stop_limit, stop_atom::value)
    .receive([&](bool) { stopped = true; }, [](const caf::error&) {});
  if (!stopped)
    end_at_once();
  self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
}

void actor_tree::stop_watchdog() {
  watching_ = nullptr;
  watchdog_.reset();
}

void actor_tree::end() {
  supervisor_ = nullptr;
  system_.reset();
}

} // namespace troupe
