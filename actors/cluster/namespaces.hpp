// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/runtime/tree.hpp"
#include "messages/cluster.hpp"
#include "net/zone/root.hpp"
#include "net/zone/serial.hpp"

#include <set>
#include <unordered_map>

namespace troupe {

/// Routes objects to the keeper of their namespace, starts a keeper on a namespace's first object, ends it some minutes
/// after the namespace and all its objects went, and owns the root.
/// Floating. Restarts: goes on from the published root, or makes another if that is not whole, and asks the watchers
/// for everything once more.
class namespaces final : public floating<namespaces_actor> {
public:
  static constexpr std::chrono::minutes retire_after{5}; ///< at least so long nothing is heard of a namespace that went

  namespaces(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables);

  const char* name() const override { return "namespaces"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return tables_.root.snapshot(); }
  void on_exit() override { root_ = {}; } // a message that is due in minutes still holds this actor

private:
  void on_chunk(const chunk_ptr& chunk);
  void on_pods(const chunk_ptr& chunk);
  void on_rest(const chunk_ptr& chunk);
  void on_objects(const chunk_ptr& chunk);
  void on_list_begin(kube::resource resource);
  void on_list_end(kube::resource resource);
  void list_has_ended(kube::resource resource);
  void on_listed(const listed& message);
  void altered();
  void number();
  void publish_soon();
  void publish();
  bool all_listed() const;
  void check_synced();
  void relist();

  zone_keeper_actor keeper_of(const std::string& namespace_);
  void start_keeper(const std::string& namespace_);
  child_ptr child_for(const zone::namespace_cell_ptr& cell);
  void tell_keepers(list_mark mark);
  void retire_vacant();
  void end_keeper(const std::string& keeper);

  struct route {
    std::string keeper; ///< its name
    bool told = true;   ///< something since the last look
  };

  cluster_tables& tables_;
  zone::root_builder root_;
  zone::serial_number serial_;
  std::unordered_map<std::string, route> keepers_;      ///< by namespace
  std::set<std::string> awaited_[kube::resource_count]; ///< keepers that have not published their first list yet
  bool listed_[kube::resource_count] = {};
  bool restarted_;
  bool synced_ = false;
  bool publish_queued_ = false, number_queued_ = false;
};

} // namespace troupe
