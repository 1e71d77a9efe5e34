// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/cluster.hpp"
#include "net/zone/keeper.hpp"

#include <optional>

namespace troupe {

/// Owns the objects of one namespace and publishes its table: at the end of its turn, at most every half millisecond,
/// and once after a list; the first time when namespaces says that all lists are there, since before that nobody is
/// answered from it. Floating. Restarts: begins with the table last published, which readers go on using, and is told
/// everything once more (namespaces relists). If that table is not whole, or lives that began with it ended at once, it
/// begins with nothing, and publishes only when it was told everything.
class zone_keeper final : public floating<zone_keeper_actor> {
public:
  static constexpr std::chrono::microseconds shortest_interval{500};

  zone_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables,
              zone::namespace_cell_ptr cell);

  const char* name() const override { return "zone"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return keeper_.current(); }

private:
  void on_changes(const std::vector<const kube::change*>& changes);
  void on_list(list_mark mark);
  void publish();
  void publish_soon();
  bool waits_for_first_lists() const { return !told_to_publish_ && !tables_.synced && cell_->tables.version() == 0; }
  void tell_rows();
  void note_latency(const kube::endpoint_slice& changed);
  void observe_latencies();
  bool all_listed() const noexcept;

  cluster_tables& tables_;
  zone::namespace_cell_ptr cell_;
  zone::keeper keeper_;
  std::optional<zone::keeper> imports_;   ///< of ServiceImports, where some block has `multicluster`
  bool from_nothing_;                     ///< a table is out there that this one must not replace with less than all
  bool begun_[kube::resource_count] = {}; ///< lists
  bool tell_all_rows_;                    ///< after a restart the reverse table is told everything
  bool told_to_publish_ = false;          ///< at least once
  bool publish_queued_ = false;
  std::vector<kube::resource> ended_; ///< lists to report after the next publish
  /// What the next table answers, by kind of service, and when it changed in the cluster.
  std::vector<std::pair<kube::service::kind, kube::timestamp>> latencies_;
  std::chrono::steady_clock::time_point published_at_{};
};

} // namespace troupe
