// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/zone_server.hpp"

#include "messages/cluster.hpp"

namespace troupe {

namespace {

struct namespace_view {
  const zone::namespace_cell& cell;
  const zone::table *table, *imports;
};

zone::outcome from_table(const zone::question& q, const zone::answer_context& w, dns::response& out, void* argument,
                         dns::name* target) {
  auto& view = *static_cast<namespace_view*>(argument);
  use_of(view.table);
  return zone::answer_service(q, view.cell, q.imported ? view.imports : view.table, w, out, target);
}

} // namespace

zone_server::zone_server(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                         cluster_on_loop& cluster, zone::namespace_cell_ptr cell)
  : pinned(cfg, shared, who, home), cluster_(cluster), cell_(std::move(cell)), table_(cell_->tables),
    imports_(cell_->imports), answers_(shared, cluster), in_time_(home) {}

zone_server::behavior_type zone_server::make_behavior() {
  return {[this](queries& message) { on_queries(message); }};
}

void zone_server::on_queries(queries& message) {
  if (cell_->gone) // the slots drop, and are sent again to whoever has the name now
    return quit(caf::exit_reason::user_shutdown);
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  namespace_view view{*cell_, table_.get().get(), imports_.get().get()};
  send_on(*this, in_time_.each(
                   slots, [&](net::slot& slot, uint64_t) { answers_.answer(slots.home(), slot, from_table, &view); }));
  count_queries(slots.count());
  if (answers_.in_doubt(home()))
    tell(shared().where.find<zone_keeper_actor>(cluster_.tables.named("zone/" + cell_->name)), verify_atom::value);
  answers_.follow_outside(slots);
  std::move(slots).finish();
}

/// From now on questions for this namespace go to the apex, which starts another server.
void zone_server::on_exit() {
  zone_target* mine = cluster_.find(cell_->name);
  if (mine && mine->actor.get() == ctrl())
    mine->actor = nullptr;
}

} // namespace troupe
