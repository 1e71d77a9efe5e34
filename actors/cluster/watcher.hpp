// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_tables.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/cluster.hpp"

namespace troupe {

/// Receives one resource's objects from the source, be it an API server or manifests, and hands them to namespaces with
/// credit. Owns: its part of the source's credit. Pinned to the worker. Restarts: everything is listed once more.
class watcher final : public pinned<watcher_actor> {
public:
  /// Chunks that may be on their way between the source and namespaces.
  static constexpr size_t chunks_in_flight = 4;

  watcher(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
          cluster_tables& tables, kube::resource resource);

  const char* name() const override { return "watcher"; }

  /// `services-watcher`, `endpoints-watcher`, `namespaces-watcher`, `pods-watcher`, `imports-watcher`.
  static const char* name_of(kube::resource resource) noexcept;

protected:
  behavior_type make_behavior() override;

private:
  void on_grant();
  void take_back_credit();
  void list_again();
  void send_manifest();

  cluster_tables& tables_;
  kube::resource resource_;
  bool first_start_;
  std::vector<chunk_ptr> manifests_; ///< the list under way: the source's may be exchanged meanwhile
  size_t next_manifest_ = 0;         ///< index of the chunk to come
};

} // namespace troupe
