// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/tree.hpp"

#include <deque>
#include <list>
#include <set>
#include <unordered_map>

namespace troupe {

/// Starts, watches, restarts and stops every other actor. The only place that monitors.
/// Owns: the tree, and what is known of each child. Floating. Its own end, unless it was
/// told to stop, ends the process as SIGTERM does: what is in flight is answered.
class supervisor final : public floating<supervisor_actor> {
public:
  supervisor(caf::actor_config& cfg, actor_context& shared);

  const char* name() const override { return "supervisor"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct known {
    child_ptr child;
    caf::actor_addr address; ///< of the incarnation that counts; DOWNs of older ones are ignored
    actor_stats_ptr stats;
    std::deque<std::chrono::steady_clock::time_point> failures; ///< within the window
    uint64_t order = 0;                                         ///< of joining the tree; stopping goes the other way
    std::chrono::steady_clock::time_point began{};              ///< of the incarnation that counts
    uint64_t wait = 0;     ///< number of the last one before a restart; earlier ones count no more
    bool on_trial = false; ///< was fenced, and has not lived for a window since: one more failure fences again
    bool leaving = false;  ///< dismissed: its end is awaited, whatever the reason
  };
  struct dismissal {
    std::set<std::string> family;  ///< all that were told to end so far
    std::set<std::string> awaited; ///< of these, who has not ended yet
    caf::typed_response_promise<bool> done;
  };

  void on_adopt(const adopt& message);
  void on_retry(const std::string& child_name, uint64_t wait);
  caf::result<bool> on_stop();
  caf::result<bool> on_dismiss(const dismiss& message);
  void on_down(const caf::down_msg& down);

  known& enter(const child_ptr& child);
  void start(known& entry);
  void watch(known& entry, const caf::strong_actor_ptr& actor);
  void plan_restart(known& entry);
  void fence(known& entry, bool on);
  std::chrono::milliseconds backoff(known& entry);
  void stop_next();
  void let_go(dismissal& request, const std::vector<std::string>& names);
  bool go_on_with(dismissal& request);
  void on_gone(const std::string& name);

  std::unordered_map<std::string, known> known_;
  uint64_t joined_ = 0;
  std::unordered_map<caf::actor_id, std::string> by_address_;
  bool stopping_ = false;
  std::vector<std::string> to_stop_; ///< the next is the last
  std::list<dismissal> dismissals_;
  std::string being_stopped_; ///< told to stop, its DOWN is awaited
  caf::typed_response_promise<bool> stopped_;
};

} // namespace troupe
