// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/apex.hpp"

#include "actors/runtime/spawning.hpp"

#include "actors/cluster/zone_server.hpp"

namespace troupe {

namespace {

constexpr std::chrono::seconds idle_check{30};

zone::outcome from_root(const zone::question& q, const zone::answer_context& w, dns::response& out, void*,
                        dns::name* target) {
  if (q.asks() != zone::server::reverse) {
    use_of(w.pods);
    return zone::answer_apex(q, w, out, target);
  }
  use_of(&w.reverse);
  return zone::answer_reverse(q, w, out);
}

} // namespace

apex::apex(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
           cluster_on_loop& cluster)
  : pinned(cfg, shared, who, home), cluster_(cluster), answers_(shared, cluster), in_time_(home) {}

apex::behavior_type apex::make_behavior() {
  cluster_.apex.enter(ctrl());
  arm_idle_timer();
  return {
    [this](queries& message) { on_queries(message); },
    [this](const start_zone_server& message) { on_start(message); },
    [this](const fence_zone_server& message) { on_fence(message); },
    [this](idle_atom) { on_idle(); },
  };
}

void apex::on_exit() {
  cluster_.apex.actor = nullptr;
  if (home())
    home()->loop.cancel(timer_);
}

void apex::arm_idle_timer() {
  if (home())
    timer_ = home()->loop.at(home()->loop.now() + idle_check,
                             [self = caf::actor_cast<apex_actor>(this)] { tell(self, idle_atom::value); });
}

/// The zone server that a slot belongs to, started if need be; null: it is answered here.
query_target* apex::server_for(net::slot& slot) {
  const zone::question q = zone::parse_question(slot.query, slot.zone_skip, view_of(slot).options);
  if (q.asks() != zone::server::zone)
    return nullptr;
  const std::string_view label = q.namespace_label();
  if (zone_target* running = cluster_.find(label))
    return running;
  const auto& root = cluster_.root.get();
  const zone::namespace_cell_ptr* cell = root->find(zone::octets_of(label));
  return cell ? start_server(*cell) : nullptr;
}

/// Then the slot is answered. Only the namespace is fenced whose server failed.
bool apex::is_fenced(net::batch& home, net::slot& slot) const {
  const zone::question q = zone::parse_question(slot.query, slot.zone_skip, view_of(slot).options);
  if (q.asks() != zone::server::zone || !cluster_.fenced(q.namespace_label()))
    return false;
  net::answer_code(home, slot, dns::rcode::servfail);
  slot.failure = "the namespace's part of the server is fenced";
  return true;
}

void apex::on_queries(queries& message) {
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  fan_out to_servers;
  uint64_t own = 0;
  send_on(*this, in_time_.each(slots, [&](net::slot& slot, uint64_t bit) {
    if (is_fenced(slots.home(), slot)) {
      own |= bit;
    } else if (query_target* server = server_for(slot)) {
      to_servers.add(*server, bit);
    } else {
      answers_.answer(slots.home(), slot, from_root, nullptr);
      own |= bit;
    }
  }));
  if (answers_.in_doubt(home())) {
    tell(shared().where.find<reverse_keeper_actor>(cluster_.tables.named("reverse")), verify_atom::value);
    tell(shared().where.find<pods_actor>(cluster_.tables.named("pods")), verify_atom::value);
  }
  net::slice answered = slots.split(own);
  answers_.follow_outside(answered);
  to_servers.send(slots);
  count_queries(static_cast<size_t>(std::popcount(own)));
  std::move(answered).finish();
}

/// Not if a newer server than the one that failed is there.
void apex::on_fence(const fence_zone_server& message) {
  cluster_.set_fenced(message.cell, !cluster_.find(message.cell->name));
}

void apex::on_start(const start_zone_server& message) {
  cluster_.set_fenced(message.cell, false);
  if (!cluster_.find(message.cell->name))
    start_server(message.cell);
}

zone_target* apex::start_server(const zone::namespace_cell_ptr& cell) {
  if (cluster_.running() >= max_zone_servers)
    return nullptr;
  zone_target& target = cluster_.enter(cell);
  const child_ptr child = child_for(cell);
  auto started = home_system().spawn<zone_server>(shared(), child->who, home(), cluster_, cell);
  target.actor = caf::actor_cast<caf::strong_actor_ptr>(started);
  target.last_asked = home() ? home()->loop.now() : net::time_point{};
  tell(shared().where.find<supervisor_actor>("supervisor"), adopt{child, target.actor});
  return &target;
}

child_ptr apex::child_for(const zone::namespace_cell_ptr& cell) const {
  const size_t loop = home() ? home()->loop.index() : 0;
  const std::string keeper = cluster_.tables.named("zone/" + cell->name);
  // A server that failed is started by the apex of its loop, wherever that is by then.
  auto child = make_child({keeper + "/" + std::to_string(loop), "zone-server", keeper, loop},
                          [&where = shared().where, apex_name = identity().name, cell]() -> caf::strong_actor_ptr {
                            tell(where.find<apex_actor>(apex_name), start_zone_server{cell});
                            return nullptr;
                          });
  child->fenced = [&where = shared().where, apex_name = identity().name, cell](bool on) {
    if (on) // `start` ends it
      tell(where.find<apex_actor>(apex_name), fence_zone_server{cell});
  };
  return child;
}

/// CAF ignores an exit for the reason `normal`.
void apex::on_idle() {
  const net::time_point now = home()->loop.now();
  cluster_.each([&](zone_target& target) {
    if (now - target.last_asked > idle_limit)
      anon_send_exit(std::exchange(target.actor, nullptr), caf::exit_reason::user_shutdown);
  });
  cluster_.forget_gone();
  arm_idle_timer();
}

} // namespace troupe
