// SPDX-License-Identifier: Apache-2.0
#include "actors/address_keeper.hpp"

namespace troupe {

address_keeper::behavior_type address_keeper::make_behavior() {
  if (restarted_)
    ask_for_rows();
  return {
    [this](const reverse_update& message) {
      rows_.apply(message.changes);
      publish_soon();
    },
    [this](const reverse_replacement& message) {
      rows_.replace(message.namespace_, message.rows);
      publish_soon();
    },
    [this](publish_atom) { publish(); },
  };
}

void address_keeper::ask_for_rows() {
  of_.root.snapshot()->namespaces.for_each([&](const zone::namespace_cell_ptr& cell) {
    tell(shared().where.find<zone_keeper_actor>(of_.named("zone/" + cell->name)), rows_atom::value);
  });
}

void address_keeper::publish_soon() {
  if (!std::exchange(publish_queued_, true))
    send(this, publish_atom::value);
}

void address_keeper::publish() {
  publish_queued_ = false;
  if (auto table = rows_.build())
    of_.reverse.publish(std::move(table));
}

} // namespace troupe
