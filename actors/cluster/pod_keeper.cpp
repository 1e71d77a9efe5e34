// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/pod_keeper.hpp"

#include "actors/cluster/usable_table.hpp"
#include "actors/cluster/watcher.hpp"

namespace troupe {

pod_keeper::pod_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables)
  : floating<pods_actor>(cfg, shared, who), tables_(tables),
    pods_(begin_with<zone::pod_keeper>(tables.pods.snapshot(), stats(), "the table of pods")),
    from_nothing_(pods_.size() == 0), restarted_(stats().restarts != 0) {}

pod_keeper::behavior_type pod_keeper::make_behavior() {
  if (restarted_)
    tell(shared().where.find<watcher_actor>(tables_.named(watcher::name_of(kube::resource::pod))), relist_atom::value);
  return {
    [this](const chunk_ptr& chunk) { on_chunk(*chunk); },
    [this](publish_atom) { publish(); },
    [this](verify_atom) {
      if (!from_nothing_) // else another is being made
        verify_published(tables_.pods);
    },
  };
}

void pod_keeper::on_chunk(const kube::chunk& chunk) {
  switch (chunk.kind) {
  case kube::chunk::what::list_begin:
    return pods_.list_begin();
  case kube::chunk::what::objects:
    for (auto& change : chunk.changes)
      pods_.apply(change);
    break;
  case kube::chunk::what::list_end:
    pods_.list_end();
    list_ended_ = true;
    break;
  }
  publish_soon();
}

void pod_keeper::publish_soon() {
  if (!std::exchange(publish_queued_, true))
    send(this, publish_atom::value);
}

void pod_keeper::publish() {
  publish_queued_ = false;
  if (from_nothing_ && !list_ended_)
    return;
  if (!from_nothing_)
    use_of(tables_.pods.snapshot().get()); // what is built goes on from it
  from_nothing_ = false;
  if (auto table = pods_.build())
    tables_.pods.publish(std::move(table));
  const auto owner = shared().where.find<namespaces_actor>(tables_.named("namespaces"));
  if (pods_.alters_dns())
    tell(owner, altered_atom::value);
  if (std::exchange(list_ended_, false))
    tell(owner, listed{{}, kube::resource::pod});
}

} // namespace troupe
