// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/answering.hpp"
#include "actors/runtime/in_time.hpp"
#include "actors/runtime/pinned.hpp"

namespace troupe {

/// Answers for one namespace on one loop, from the table that the namespace's keeper published last.
/// Ends when its cell has left the root. Owns: a view of the table. Pinned. Restarts: nothing is lost; slots in its
/// mailbox are sent again by their endpoint.
class zone_server final : public pinned<query_server_actor> {
public:
  zone_server(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
              cluster_on_loop& cluster, zone::namespace_cell_ptr cell);

  const char* name() const override { return "zone-server"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return cell_->tables.snapshot(); }
  void on_exit() override;

private:
  void on_queries(queries& message);

  cluster_on_loop& cluster_;
  zone::namespace_cell_ptr cell_;
  zone::reader<zone::table> table_, imports_;
  answering answers_;
  in_time in_time_;
};

} // namespace troupe
