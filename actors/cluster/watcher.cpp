// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/watcher.hpp"

namespace troupe {

watcher::watcher(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                 cluster_tables& tables, kube::resource resource)
  : pinned(cfg, shared, who, home, net::lane::control), tables_(tables), resource_(resource),
    first_start_(shared.actors.enter(who)->restarts == 0) {}

const char* watcher::name_of(kube::resource resource) noexcept {
  switch (resource) {
  case kube::resource::service:
    return "services-watcher";
  case kube::resource::endpoint_slice:
    return "endpoints-watcher";
  case kube::resource::namespace_object:
    return "namespaces-watcher";
  case kube::resource::pod:
    return "pods-watcher";
  case kube::resource::service_import:
    return "imports-watcher";
  }
  return "";
}

watcher::behavior_type watcher::make_behavior() {
  if (tables_.client) {
    if (first_start_)
      tables_.client->grant(resource_, chunks_in_flight);
    else
      list_again(); // what was in the mailbox is lost
  } else {
    list_again();
  }
  return {
    [this](const chunk_ptr& chunk) { tell(shared().where.find<namespaces_actor>(tables_.named("namespaces")), chunk); },
    [this](grant_atom) { on_grant(); },
    [this](relist_atom) { list_again(); },
  };
}

void watcher::on_grant() {
  if (!tables_.client)
    return send_manifest();
  auto& out = tables_.on_their_way[static_cast<size_t>(resource_)];
  for (size_t n = out.load(); n != 0;)
    if (out.compare_exchange_weak(n, n - 1))
      return tables_.client->grant(resource_, 1);
}

/// Chunks on their way may have died with their receiver. Those that did not are granted back for nothing then.
void watcher::take_back_credit() {
  if (const size_t lost = tables_.on_their_way[static_cast<size_t>(resource_)].exchange(0))
    tables_.client->grant(resource_, lost);
}

void watcher::list_again() {
  if (tables_.client) {
    tables_.client->relist(resource_);
    take_back_credit();
    return;
  }
  manifests_ = tables_.manifests;
  next_manifest_ = 0;
  send_manifest();
}

/// The next chunk of this resource; the grant that comes back asks for the one after it.
void watcher::send_manifest() {
  while (next_manifest_ < manifests_.size()) {
    const chunk_ptr& next = manifests_[next_manifest_++];
    if (next->resource == resource_) {
      tell(shared().where.find<namespaces_actor>(tables_.named("namespaces")), next);
      return;
    }
  }
}

} // namespace troupe
