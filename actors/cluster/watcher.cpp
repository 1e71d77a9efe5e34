// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/watcher.hpp"

namespace troupe {

watcher::watcher(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                 cluster_tables& of, kube::resource what)
  : pinned(cfg, shared, who, home, net::lane::control), of_(of), what_(what),
    first_start_(shared.actors.enter(who)->restarts == 0) {}

const char* watcher::name_of(kube::resource what) noexcept {
  switch (what) {
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
  if (of_.client) {
    if (first_start_)
      of_.client->grant(what_, chunks_in_flight);
    else
      list_again(); // what was in the mailbox is lost
  } else {
    list_again();
  }
  return {
    [this](const chunk_ptr& chunk) { tell(shared().where.find<namespaces_actor>(of_.named("namespaces")), chunk); },
    [this](grant_atom) { on_grant(); },
    [this](relist_atom) { list_again(); },
  };
}

void watcher::on_grant() {
  if (!of_.client)
    return send_manifest();
  auto& out = of_.on_their_way[static_cast<size_t>(what_)];
  for (size_t n = out.load(); n != 0;)
    if (out.compare_exchange_weak(n, n - 1))
      return of_.client->grant(what_, 1);
}

/// Chunks on their way may have died with their receiver. Those that did not are granted back for nothing then.
void watcher::take_back_credit() {
  if (const size_t lost = of_.on_their_way[static_cast<size_t>(what_)].exchange(0))
    of_.client->grant(what_, lost);
}

void watcher::list_again() {
  if (of_.client) {
    of_.client->relist(what_);
    take_back_credit();
    return;
  }
  manifests_ = of_.manifests;
  next_manifest_ = 0;
  send_manifest();
}

/// The next chunk of this resource; the grant that comes back asks for the one after it.
void watcher::send_manifest() {
  while (next_manifest_ < manifests_.size()) {
    const chunk_ptr& next = manifests_[next_manifest_++];
    if (next->resource == what_) {
      tell(shared().where.find<namespaces_actor>(of_.named("namespaces")), next);
      return;
    }
  }
}

} // namespace troupe
