// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/pinned.hpp"
#include "actors/tree.hpp"

#include <deque>
#include <unordered_map>

namespace troupe {

/// Starts, watches, restarts and stops every other actor. The only place that monitors.
/// Owns: the tree, and what is known of each child. Floating. Its own end, unless it was
/// told to stop, ends the process as SIGTERM does: what is in flight is answered.
class supervisor final : public floating<supervisor_actor> {
public:
  supervisor(caf::actor_config& cfg, process& shared, tree children);

  const char* name() const override { return "supervisor"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct known {
    child_ptr what;
    caf::actor_addr address; ///< of the incarnation that counts; DOWNs of older ones are ignored
    actor_stats_ptr stats;
    std::deque<std::chrono::steady_clock::time_point> failures; ///< within the window
  };

  void on_start();
  void on_adopt(const adopt& message);
  void on_retry(const std::string& child_name);
  caf::result<bool> on_stop();
  void on_down(const caf::down_msg& down);

  void start(known& which);
  void watch(known& which, const caf::strong_actor_ptr& actor);
  void plan_restart(known& which);
  std::chrono::milliseconds backoff(known& which);
  void stop_next();

  tree children_;
  std::unordered_map<std::string, known> known_;
  std::unordered_map<caf::actor_id, std::string> by_address_;
  bool stopping_ = false;
  std::vector<std::string> to_stop_; ///< the next is the last
  std::string being_stopped_;        ///< told to stop, its DOWN is awaited
  caf::typed_response_promise<bool> stopped_;
};

} // namespace troupe
