// SPDX-License-Identifier: Apache-2.0
#include "actors/zone_keeper.hpp"

#include <caf/actor_system_config.hpp>

namespace troupe {

zone_keeper::zone_keeper(caf::actor_config& cfg, process& shared, const actor_identity& who, cluster& of,
                         zone::namespace_cell_ptr cell)
  : floating<zone_keeper_actor>(cfg, shared, who), of_(of), cell_(std::move(cell)),
    keeper_(cell_->name, cell_->tables.snapshot(), of.keep),
    tell_all_rows_(cell_->tables.version() != 0) {}

zone_keeper::behavior_type zone_keeper::make_behavior() {
  return {
    [this](const changes_ptr& changes) { on_changes(changes); },
    [this](list_mark mark) { on_list(mark); },
    [this](rows_atom) {
      // As of the last build; what is not built yet follows as differences. Before the list that a restarted keeper
      // waits for, its rows may be too few: they are told at that list's end.
      if (!tell_all_rows_)
        tell_rows();
    },
    [this](publish_atom) { publish(); },
  };
}

void zone_keeper::on_changes(const changes_ptr& changes) {
  for (auto& change : *changes)
    keeper_.apply(change);
  publish_soon();
}

void zone_keeper::on_list(list_mark mark) {
  if (mark.begins) {
    keeper_.list_begin(mark.resource);
  } else {
    keeper_.list_end(mark.resource);
    ended_.push_back(mark.resource);
    publish_soon();
  }
}

/// What is in the mailbox already comes first, so that a burst is published once.
void zone_keeper::publish_soon() {
  if (std::exchange(publish_queued_, true))
    return;
  const auto wait = published_at_ + shortest_interval - std::chrono::steady_clock::now();
  if (wait > std::chrono::nanoseconds{0})
    delayed_send(this, wait, publish_atom::value);
  else
    send(this, publish_atom::value);
}

void zone_keeper::tell_rows() {
  tell(shared().where.find<reverse_keeper_actor>(of_.named("reverse")),
       reverse_replacement{cell_->name, keeper_.reverse_rows()});
}

void zone_keeper::publish() {
  publish_queued_ = false;
  auto built = keeper_.build();
  if (built.table) {
    cell_->tables.publish(built.table);
    published_at_ = std::chrono::steady_clock::now();
  }
  if (tell_all_rows_ && !ended_.empty()) {
    tell_rows();
    tell_all_rows_ = false;
  } else if (!built.reverse.empty()) {
    tell(shared().where.find<reverse_keeper_actor>(of_.named("reverse")), reverse_update{std::move(built.reverse)});
  }
  const auto root_owner = shared().where.find<namespaces_actor>(of_.named("namespaces"));
  if (built.alters_dns)
    tell(root_owner, altered_atom::value);
  for (auto resource : std::exchange(ended_, {}))
    tell(root_owner, listed{cell_->name, resource});
}

} // namespace troupe
