// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/supervisor.hpp"

#include "actors/runtime/log.hpp"

#include <algorithm>
#include <caf/actor_system_config.hpp>
#include <csignal>
#include <unistd.h>

namespace troupe {

supervisor::supervisor(caf::actor_config& cfg, actor_context& shared)
  : floating<supervisor_actor>(cfg, shared, {"supervisor", "supervisor", "", {}}) {}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  return {
    [this](const adopt& message) { on_adopt(message); },
    [this](const dismiss& message) { return on_dismiss(message); },
    [this](retry_atom, const std::string& child_name, uint64_t wait) { on_retry(child_name, wait); },
    [this](stop_atom) { return on_stop(); },
  };
}

void supervisor::on_exit() {
  stopped_ = {};
  dismissals_.clear();
  if (stopping_)
    return;
  log::write(log::level::fatal, "supervisor: failed; with nobody to watch over the others the server shuts down");
  ::kill(::getpid(), SIGTERM);
}

supervisor::known& supervisor::enter(const child_ptr& what) {
  auto& which = known_[what->who.name];
  if (!which.what)
    which.order = ++joined_;
  which.what = what;
  which.stats = shared().actors.enter(what->who);
  return which;
}

void supervisor::start(known& which) {
  which.began = std::chrono::steady_clock::now();
  try {
    if (auto actor = which.what->start())
      watch(which, actor);
  } catch (const std::exception& e) {
    which.stats->failed(e.what());
    log::error("supervisor: {} cannot start: {}", which.what->who.name, e.what());
    plan_restart(which);
  }
}

void supervisor::watch(known& which, const caf::strong_actor_ptr& actor) {
  if (which.address) {
    by_address_.erase(which.address.id());
    // Mostly the one replaced has ended. If it was started again meanwhile, it goes, and must not stand for the other.
    if (const auto replaced = caf::actor_cast<caf::actor>(which.address))
      anon_send_exit(replaced, caf::exit_reason::user_shutdown);
    shared().where.enter(which.what->who.name, actor);
  }
  which.address = caf::actor_cast<caf::actor_addr>(actor);
  by_address_[which.address.id()] = which.what->who.name;
  // An APEX may have replaced a zone server before the end of the last one was noticed here.
  which.stats->state = actor_stats::life::running;
  which.began = std::chrono::steady_clock::now();
  monitor(caf::actor_cast<caf::actor>(actor));
}

void supervisor::on_adopt(const adopt& message) {
  auto& which = enter(message.what);
  if (stopping_)
    anon_send_exit(message.actor, caf::exit_reason::user_shutdown);
  else if (message.actor)
    watch(which, message.actor);
  else
    start(which);
}

void supervisor::on_down(const caf::down_msg& down) {
  auto found = by_address_.find(down.source.id());
  if (found == by_address_.end())
    return; // an older incarnation, or one that was let go
  auto& which = known_.at(found->second);
  const std::string gone = which.what->who.name;
  by_address_.erase(found);
  which.address = nullptr;
  shared().where.leave(gone, down.source);
  const bool wanted = down.reason == caf::none || down.reason == caf::exit_reason::user_shutdown ||
                      down.reason == caf::exit_reason::normal;
  if (stopping_) {
    which.stats->state = actor_stats::life::stopped;
    if (gone == being_stopped_)
      stop_next();
  } else if (which.leaving) {
    on_gone(gone);
  } else if (wanted) {
    if (!shared().where.find<caf::actor>(gone)) // its successor may have begun, and counts where this one did
      shared().actors.leave(gone);
    known_.erase(gone);
  } else {
    which.stats->failed(home_system().render(down.reason));
    which.stats->restarts.fetch_add(1, std::memory_order_relaxed);
    log::error("supervisor: {} failed and is started again: {}", which.what->who.name,
               home_system().render(down.reason));
    plan_restart(which);
  }
}

/// How long until the next start; fences who fails too often.
std::chrono::milliseconds supervisor::backoff(known& which) {
  const auto& policy = which.what->policy;
  const auto now = std::chrono::steady_clock::now();
  which.failures.push_back(now);
  while (now - which.failures.front() > policy.window)
    which.failures.pop_front();
  const size_t failures = which.failures.size();
  which.stats->distrusted = failures > 1 && now - which.began < policy.short_life;
  which.on_trial = which.on_trial && now - which.began < policy.window;
  if (failures > policy.most || which.on_trial) {
    if (which.stats->state != actor_stats::life::fenced)
      log::error("supervisor: {} failed {} times in {} s and is fenced; next try in {} s", which.what->who.name,
                 failures, policy.window.count() / 1000, policy.fenced_retry.count() / 1000);
    fence(which, true);
    return policy.fenced_retry;
  }
  which.stats->state = actor_stats::life::backing_off;
  if (failures == 1)
    return policy.first_backoff;
  const size_t doublings = std::min<size_t>(failures - 2, 16);
  return std::min(policy.next_backoff * (1 << doublings), policy.longest_backoff);
}

void supervisor::fence(known& which, bool on) {
  which.on_trial = !on;
  which.stats->state = on ? actor_stats::life::fenced : actor_stats::life::starting;
  if (which.what->fenced)
    which.what->fenced(on);
}

void supervisor::plan_restart(known& which) {
  const auto wait = backoff(which);
  ++which.wait;
  if (wait.count() == 0)
    on_retry(which.what->who.name, which.wait);
  else
    delayed_send(this, wait, retry_atom::value, which.what->who.name, which.wait);
}

void supervisor::on_retry(const std::string& child_name, uint64_t wait) {
  auto found = known_.find(child_name);
  if (stopping_ || found == known_.end() || found->second.address || found->second.wait != wait)
    return;
  if (found->second.stats->state == actor_stats::life::fenced)
    fence(found->second, false);
  start(found->second);
  if (found->second.what->restarted)
    found->second.what->restarted();
}

} // namespace troupe
