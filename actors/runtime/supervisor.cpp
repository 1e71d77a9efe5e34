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

supervisor::known& supervisor::enter(const child_ptr& child) {
  auto& entry = known_[child->who.name];
  if (!entry.child)
    entry.order = ++joined_;
  entry.child = child;
  entry.stats = shared().actors.enter(child->who);
  return entry;
}

void supervisor::start(known& entry) {
  entry.began = std::chrono::steady_clock::now();
  try {
    if (auto actor = entry.child->start())
      watch(entry, actor);
  } catch (const std::exception& e) {
    entry.stats->failed(e.what());
    log::error("supervisor: {} cannot start: {}", entry.child->who.name, e.what());
    plan_restart(entry);
  }
}

void supervisor::watch(known& entry, const caf::strong_actor_ptr& actor) {
  if (entry.address) {
    by_address_.erase(entry.address.id());
    // Mostly the one replaced has ended. If it was started again meanwhile, it goes, and must not stand for the other.
    if (const auto replaced = caf::actor_cast<caf::actor>(entry.address))
      anon_send_exit(replaced, caf::exit_reason::user_shutdown);
    shared().where.enter(entry.child->who.name, actor);
  }
  entry.address = caf::actor_cast<caf::actor_addr>(actor);
  by_address_[entry.address.id()] = entry.child->who.name;
  // An APEX may have replaced a zone server before the end of the last one was noticed here.
  entry.stats->state = actor_stats::life::running;
  entry.began = std::chrono::steady_clock::now();
  monitor(caf::actor_cast<caf::actor>(actor));
}

void supervisor::on_adopt(const adopt& message) {
  auto& entry = enter(message.child);
  if (stopping_)
    anon_send_exit(message.actor, caf::exit_reason::user_shutdown);
  else if (message.actor)
    watch(entry, message.actor);
  else
    start(entry);
}

void supervisor::on_down(const caf::down_msg& down) {
  auto found = by_address_.find(down.source.id());
  if (found == by_address_.end())
    return; // an older incarnation, or one that was let go
  auto& entry = known_.at(found->second);
  const std::string gone = entry.child->who.name;
  by_address_.erase(found);
  entry.address = nullptr;
  shared().where.leave(gone, down.source);
  const bool wanted = down.reason == caf::none || down.reason == caf::exit_reason::user_shutdown ||
                      down.reason == caf::exit_reason::normal;
  if (stopping_) {
    entry.stats->state = actor_stats::life::stopped;
    if (gone == being_stopped_)
      stop_next();
  } else if (entry.leaving) {
    on_gone(gone);
  } else if (wanted) {
    if (!shared().where.find<caf::actor>(gone)) // its successor may have begun, and counts where this one did
      shared().actors.leave(gone);
    known_.erase(gone);
  } else {
    entry.stats->failed(home_system().render(down.reason));
    entry.stats->restarts.fetch_add(1, std::memory_order_relaxed);
    log::error("supervisor: {} failed and is started again: {}", entry.child->who.name,
               home_system().render(down.reason));
    plan_restart(entry);
  }
}

/// How long until the next start; fences who fails too often.
std::chrono::milliseconds supervisor::backoff(known& entry) {
  const auto& policy = entry.child->policy;
  const auto now = std::chrono::steady_clock::now();
  entry.failures.push_back(now);
  while (now - entry.failures.front() > policy.window)
    entry.failures.pop_front();
  const size_t failures = entry.failures.size();
  entry.stats->distrusted = failures > 1 && now - entry.began < policy.short_life;
  entry.on_trial = entry.on_trial && now - entry.began < policy.window;
  if (failures > policy.most || entry.on_trial) {
    if (entry.stats->state != actor_stats::life::fenced)
      log::error("supervisor: {} failed {} times in {} s and is fenced; next try in {} s", entry.child->who.name,
                 failures, policy.window.count() / 1000, policy.fenced_retry.count() / 1000);
    fence(entry, true);
    return policy.fenced_retry;
  }
  entry.stats->state = actor_stats::life::backing_off;
  if (failures == 1)
    return policy.first_backoff;
  const size_t doublings = std::min<size_t>(failures - 2, 16);
  return std::min(policy.next_backoff * (1 << doublings), policy.longest_backoff);
}

void supervisor::fence(known& entry, bool on) {
  entry.on_trial = !on;
  entry.stats->state = on ? actor_stats::life::fenced : actor_stats::life::starting;
  if (entry.child->fenced)
    entry.child->fenced(on);
}

void supervisor::plan_restart(known& entry) {
  const auto wait = backoff(entry);
  ++entry.wait;
  if (wait.count() == 0)
    on_retry(entry.child->who.name, entry.wait);
  else
    delayed_send(this, wait, retry_atom::value, entry.child->who.name, entry.wait);
}

void supervisor::on_retry(const std::string& child_name, uint64_t wait) {
  auto found = known_.find(child_name);
  if (stopping_ || found == known_.end() || found->second.address || found->second.wait != wait)
    return;
  if (found->second.stats->state == actor_stats::life::fenced)
    fence(found->second, false);
  start(found->second);
  if (found->second.child->restarted)
    found->second.child->restarted();
}

} // namespace troupe
