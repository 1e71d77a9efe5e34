// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/answering.hpp"
#include "actors/runtime/in_time.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/runtime/tree.hpp"
#include "messages/cluster.hpp"

namespace troupe {

/// One per loop: answers what belongs to no namespace's objects, and starts the loop's zone servers when their
/// namespace is first asked for. What it starts it reports to the supervisor. Owns: the loop's directory of zone
/// servers (cluster_on_loop). Pinned. Restarts: the directory stays.
class apex final : public pinned<apex_actor> {
public:
  static constexpr size_t max_zone_servers = 1'000; ///< per loop; beyond it the apex answers from the tables itself
  static constexpr std::chrono::minutes idle_limit{5};

  apex(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
       cluster_on_loop& cluster);

  const char* name() const override { return "apex"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return cluster_.tables.root.snapshot(); }
  void on_exit() override;

private:
  void on_queries(queries& message);
  void on_start(const start_zone_server& message);
  void on_fence(const fence_zone_server& message);
  void on_idle();

  query_target* server_for(net::slot& slot);
  bool is_fenced(net::batch& home, net::slot& slot) const;
  zone_target* start_server(const zone::namespace_cell_ptr& cell);
  child_ptr child_for(const zone::namespace_cell_ptr& cell) const;
  void arm_idle_timer();

  cluster_on_loop& cluster_;
  answering answers_;
  in_time in_time_;
  net::loop::timer_id timer_ = 0;
};

} // namespace troupe
