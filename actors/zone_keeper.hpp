// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster.hpp"
#include "actors/pinned.hpp"
#include "messages/cluster.hpp"
#include "net/zone/keeper.hpp"

namespace troupe {

/// Owns the objects of one namespace and publishes its table: at the end of its turn, at most every half millisecond,
/// and once after a list; the first time when namespaces says that all lists are there, since before that nobody is
/// answered from it. Floating. Restarts: begins with the table last published, which readers go on using, and is told
/// everything once more (namespaces relists).
class zone_keeper final : public floating<zone_keeper_actor> {
public:
  static constexpr std::chrono::microseconds shortest_interval{500};

  zone_keeper(caf::actor_config& cfg, process& shared, const actor_identity& who, cluster& of,
              zone::namespace_cell_ptr cell);

  const char* name() const override { return "zone"; }

protected:
  behavior_type make_behavior() override;

private:
  void on_changes(const changes_ptr& changes);
  void on_list(list_mark mark);
  void publish();
  void publish_soon();
  bool waits_for_first_lists() const { return !told_to_publish_ && !of_.synced && cell_->tables.version() == 0; }
  void tell_rows();

  cluster& of_;
  zone::namespace_cell_ptr cell_;
  zone::keeper keeper_;
  bool tell_all_rows_; ///< after a restart the reverse table is told everything
  bool told_to_publish_ = false; ///< at least once
  bool publish_queued_ = false;
  std::vector<kube::resource> ended_; ///< lists to report after the next publish
  std::chrono::steady_clock::time_point published_at_{};
};

} // namespace troupe
