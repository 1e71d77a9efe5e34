// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster.hpp"
#include "actors/pinned.hpp"
#include "messages/cluster.hpp"

namespace troupe {

/// Owns the table of addresses. Floating. Restarts: begins with what was published and asks the
/// zone keepers for their rows, since differences may have died in its mailbox.
class address_keeper final : public floating<reverse_keeper_actor> {
public:
  address_keeper(caf::actor_config& cfg, process& shared, const actor_identity& who, cluster& of)
    : floating<reverse_keeper_actor>(cfg, shared, who), of_(of), rows_(*of.reverse.snapshot()),
      restarted_(stats().restarts != 0) {}

  const char* name() const override { return "reverse"; }

protected:
  behavior_type make_behavior() override;

private:
  void publish_soon();
  void publish();
  void ask_for_rows();

  cluster& of_;
  zone::reverse_keeper rows_;
  bool restarted_;
  bool publish_queued_ = false;
};

} // namespace troupe
