// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/registry.hpp"

namespace troupe {

void actor_stats::failed(std::string why) {
  std::lock_guard lock{mutex_};
  last_failure_ = std::move(why);
}

std::optional<std::string> actor_stats::last_failure() const {
  std::lock_guard lock{mutex_};
  return last_failure_;
}

void actor_stats::enqueued() noexcept {
  const uint64_t now = mailbox.fetch_add(1, std::memory_order_relaxed) + 1;
  if (now > mailbox_peak.load(std::memory_order_relaxed))
    mailbox_peak.store(now, std::memory_order_relaxed); // a peak missed by one when two senders race is no harm
}

void actor_stats::handled() noexcept {
  messages.store(messages.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  mailbox.fetch_sub(1, std::memory_order_relaxed);
}

actor_stats_ptr registry::enter(const actor_identity& who) {
  std::lock_guard lock{mutex_};
  auto& entry = actors_[who.name];
  if (!entry)
    entry = std::make_shared<actor_stats>(who);
  return entry;
}

void registry::leave(const std::string& name) {
  std::lock_guard lock{mutex_};
  actors_.erase(name);
}

std::vector<actor_stats_ptr> registry::all() const {
  std::lock_guard lock{mutex_};
  std::vector<actor_stats_ptr> out;
  for (auto& [name, stats] : actors_)
    out.push_back(stats);
  return out;
}

const char* to_text(actor_stats::life state) noexcept {
  switch (state) {
  case actor_stats::life::starting:
    return "starting";
  case actor_stats::life::running:
    return "running";
  case actor_stats::life::backing_off:
    return "backing-off";
  case actor_stats::life::fenced:
    return "fenced";
  case actor_stats::life::stopped:
    return "stopped";
  }
  return "";
}

} // namespace troupe
