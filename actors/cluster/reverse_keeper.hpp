// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/cluster.hpp"

#include <set>

namespace troupe {

/// Owns the table of addresses. Floating. Restarts: begins with what was published and asks the
/// zone keepers for their rows, since differences may have died in its mailbox. If that is not whole it begins with
/// nothing, and publishes when all keepers have told.
class reverse_keeper final : public floating<reverse_keeper_actor> {
public:
  reverse_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables);

  const char* name() const override { return "reverse"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return tables_.reverse.snapshot(); }

private:
  /// How long rows that were asked for are awaited before a table is published without them.
  static constexpr std::chrono::seconds patience{5};

  void publish_soon();
  void publish();
  void ask_for_rows();

  cluster_tables& tables_;
  zone::reverse_keeper rows_;
  std::set<std::string> awaited_; ///< namespaces whose rows are to come before anything is published
  bool from_nothing_;
  bool restarted_;
  bool publish_queued_ = false;
};

} // namespace troupe
