// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/supervisor.hpp"

#include <algorithm>

/// How children are let go: a few of them, or all.
namespace troupe {

caf::result<bool> supervisor::on_stop() {
  stopping_ = true;
  const auto answer = stopped_ = make_response_promise<bool>();
  for (auto& [child_name, entry] : known_)
    to_stop_.push_back(child_name);
  std::sort(to_stop_.begin(), to_stop_.end(),
            [&](auto& a, auto& b) { return known_.at(a).order < known_.at(b).order; });
  stop_next();
  return answer;
}

caf::result<bool> supervisor::on_dismiss(const dismiss& message) {
  auto& request = dismissals_.emplace_back();
  const auto answer = request.done = make_response_promise<bool>();
  let_go(request, message.names);
  if (go_on_with(request))
    dismissals_.pop_back();
  return answer;
}

void supervisor::let_go(dismissal& request, const std::vector<std::string>& names) {
  for (auto& name : names) {
    request.family.insert(name);
    const auto found = known_.find(name);
    if (found == known_.end())
      continue;
    if (auto actor = caf::actor_cast<caf::strong_actor_ptr>(found->second.address)) {
      found->second.leaving = true;
      request.awaited.insert(name);
      anon_send_exit(actor, caf::exit_reason::user_shutdown);
    } else { // between two lives
      shared().actors.leave(name);
      known_.erase(found);
    }
  }
}

/// When all are gone, those they started are next: by now nobody starts another. True: nobody is left.
bool supervisor::go_on_with(dismissal& request) {
  while (request.awaited.empty()) {
    std::vector<std::string> orphans;
    for (auto& [name, other] : known_)
      if (request.family.count(other.child->who.parent) != 0)
        orphans.push_back(name);
    if (orphans.empty()) {
      request.done.deliver(true);
      return true;
    }
    let_go(request, orphans);
  }
  return false;
}

void supervisor::on_gone(const std::string& name) {
  shared().actors.leave(name);
  known_.erase(name);
  for (auto i = dismissals_.begin(); i != dismissals_.end();) {
    i->awaited.erase(name);
    i = go_on_with(*i) ? dismissals_.erase(i) : std::next(i);
  }
}

void supervisor::stop_next() {
  while (!to_stop_.empty()) {
    being_stopped_ = std::move(to_stop_.back());
    to_stop_.pop_back();
    const auto found = known_.find(being_stopped_); // one that ended as planned is not known any more
    if (found == known_.end() || !found->second.address)
      continue;
    if (auto actor = caf::actor_cast<caf::strong_actor_ptr>(found->second.address)) {
      anon_send_exit(actor, caf::exit_reason::user_shutdown);
      return; // its DOWN goes on
    }
  }
  if (stopped_.pending())
    stopped_.deliver(true);
  stopped_ = {}; // a promise holds its actor
}

} // namespace troupe
