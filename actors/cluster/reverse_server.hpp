// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/answering.hpp"
#include "actors/runtime/in_time.hpp"
#include "actors/runtime/pinned.hpp"

namespace troupe {

/// Answers reverse names on one loop from the published table of addresses.
/// Owns: nothing of its own. Pinned. Restarts: nothing is lost.
class reverse_server final : public pinned<query_server_actor> {
public:
  reverse_server(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                 cluster_on_loop& cluster)
    : pinned(cfg, shared, who, home), cluster_(cluster), answers_(shared, cluster), in_time_(home) {}

  const char* name() const override { return "reverse"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return cluster_.tables.reverse.snapshot(); }
  void on_exit() override { cluster_.reverse_server.actor = nullptr; }

private:
  void on_queries(queries& message);

  cluster_on_loop& cluster_;
  answering answers_;
  in_time in_time_;
};

} // namespace troupe
