// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/reverse_keeper.hpp"

#include "actors/cluster/usable_table.hpp"

namespace troupe {

reverse_keeper::reverse_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who,
                               cluster_tables& tables)
  : floating<reverse_keeper_actor>(cfg, shared, who), tables_(tables),
    rows_(begin_with<zone::reverse_keeper>(tables.reverse.snapshot(), stats(), "the table of addresses")),
    from_nothing_(rows_.empty()), restarted_(stats().restarts != 0) {}

reverse_keeper::behavior_type reverse_keeper::make_behavior() {
  if (restarted_)
    ask_for_rows();
  publish_soon();
  return {
    [this](const reverse_update& message) {
      rows_.apply(message.changes);
      publish_soon();
    },
    [this](const reverse_replacement& message) {
      rows_.replace(message.namespace_, message.rows);
      awaited_.erase(message.namespace_);
      publish_soon();
    },
    [this](publish_atom) { publish(); },
    [this](publish_atom, uint64_t) {
      awaited_.clear();
      publish();
    },
    [this](verify_atom) {
      if (!from_nothing_) // else another is being made
        verify_published(tables_.reverse);
    },
  };
}

void reverse_keeper::ask_for_rows() {
  for (auto& [name, cell] : tables_.cells.all()) {
    const auto keeper = shared().where.find<zone_keeper_actor>(tables_.named("zone/" + name));
    tell(keeper, rows_atom::value);
    if (keeper && from_nothing_)
      awaited_.insert(name);
  }
  if (!awaited_.empty())
    delayed_send(this, patience, publish_atom::value, uint64_t{0});
}

void reverse_keeper::publish_soon() {
  if (!std::exchange(publish_queued_, true))
    send(this, publish_atom::value);
}

void reverse_keeper::publish() {
  publish_queued_ = false;
  if (!awaited_.empty())
    return; // readers have the old table meanwhile
  if (!from_nothing_)
    use_of(tables_.reverse.snapshot().get()); // what is built goes on from it
  from_nothing_ = false;
  if (auto table = rows_.build())
    tables_.reverse.publish(std::move(table));
}

} // namespace troupe
