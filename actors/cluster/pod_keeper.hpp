// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/cluster.hpp"

namespace troupe {

/// Owns the table of Pods by address. Floating. Restarts: begins with what was published and has all Pods listed once
/// more, since changes may have died in its mailbox. If that is not whole it begins with nothing, and publishes at the
/// list's end.
class pod_keeper final : public floating<pods_actor> {
public:
  pod_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables);

  const char* name() const override { return "pods"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return tables_.pods.snapshot(); }

private:
  void on_chunk(const kube::chunk& chunk);
  void publish_soon();
  void publish();

  cluster_tables& tables_;
  zone::pod_keeper pods_;
  bool from_nothing_; ///< nothing is published before a list's end: it would be less than all
  bool restarted_;
  bool list_ended_ = false; ///< to be told after the next publish
  bool publish_queued_ = false;
};

} // namespace troupe
