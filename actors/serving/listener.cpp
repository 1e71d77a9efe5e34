// SPDX-License-Identifier: Apache-2.0
#include "actors/serving/listener.hpp"

#include "actors/runtime/fault_injection.hpp"
#include "actors/runtime/log.hpp"

namespace troupe {

namespace {

const serving_plan& plan_of(const net::batch& batch) noexcept {
  return *static_cast<const serving_plan*>(batch.plan.get());
}

/// A stage before the one that answered knows the name, so NXDOMAIN is not true: it becomes "no data".
void deny_type_only(net::slot& slot) noexcept {
  const auto message = slot.message();
  const bool denied = slot.rcode == dns::rcode::nxdomain && (message[6] | message[7]) == 0; // ANCOUNT: no alias
  if (!denied)
    return;
  message[3] &= 0xf0;
  slot.rcode = dns::rcode::noerror;
  slot.reply = nullptr;
}

} // namespace

listener::listener(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                   net::endpoint& socket, const current_plan_cell& plan, server_metrics& counts)
  : pinned(cfg, shared, who, home), socket_(socket), plan_(plan), counts_(counts), in_time_(home) {}

listener::behavior_type listener::make_behavior() {
  socket_.attach(this);
  return {
    [this](queries& message) { route(message.slots.take()); },
    [this](finished& message) {
      net::slice home = message.slots.take();
      uint64_t passed = 0;
      home.each([&](net::slot& slot, uint64_t bit) {
        if (slot.state == net::slot_state::passed) {
          ++slot.stage;
          slot.state = net::slot_state::open;
          passed |= bit;
        }
      });
      route(home.split(passed));
      let_out(std::move(home));
    },
  };
}

void listener::on_exit() {
  socket_.attach(nullptr);
}

void listener::on_queries(net::slice_handle&& fresh) {
  tell(*this, queries{std::move(fresh)});
}

void listener::on_finished(net::slice_handle&& done) {
  tell(*this, finished{std::move(done)});
}

void listener::route(net::slice slots) {
  if (slots.empty())
    return;
  send_on(*this, in_time_.each(slots, [&](net::slot& slot, uint64_t bit) {
    query_target* to = nullptr;
    try {
      const auto step = advance(slots.home(), slot, to);
      if (step == stage::step::routed)
        outgoing_.add(*to, bit);
      else if (step == stage::step::taken)
        give_to_stage(slots.split(bit));
    } catch (const std::exception& e) {
      panic(slots.home(), slot, e);
    }
  }));
  outgoing_.send(slots);
  if (slots.empty())
    return;
  count_queries(slots.count()); // the rest was answered here
  std::move(slots).finish();
}

/// Asks the stages from where the slot is. A slot that no stage wants is SERVFAIL, one for no zone of ours REFUSED.
stage::step listener::advance(net::batch& batch, net::slot& slot, query_target*& to) {
  const serving_plan& plan = plan_of(batch);
  const bool other_class = !slot.query.is_internet();
  if (slot.stage == 0 && ((other_class && !plan.other_classes) || !plan.dispatch(slot))) {
    net::answer_code(batch, slot, inject_fault(slot.query, shared()) ? dns::rcode::noerror : dns::rcode::refused);
    return stage::step::answered;
  }
  stage_scope scope{batch};
  const auto& block = plan.blocks[slot.block];
  const auto& stages = block.stages;
  const size_t end = slot.query.is_transfer() ? block.transfers_to : stages.size();
  for (; slot.stage < end; ++slot.stage) {
    if (other_class && stages[slot.stage]->with_other_classes() == stage::other_classes::skip)
      continue;
    const auto step = stages[slot.stage]->request(slot, scope);
    to = scope.routed_to;
    if (step == stage::step::answered)
      slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
    if (step != stage::step::next)
      return step;
  }
  if (slot.exists) {
    slot.state = net::slot_state::answered;
    return stage::step::answered;
  }
  const bool refused = stages.empty() || slot.query.is_transfer() || other_class;
  net::fail(batch, slot, refused ? nullptr : "no next plugin found",
            refused ? dns::rcode::refused : dns::rcode::servfail);
  return stage::step::answered;
}

void listener::give_to_stage(net::slice one) {
  const net::slot& slot = one.home()[static_cast<size_t>(std::countr_zero(one.bits()))];
  plan_of(one.home()).blocks[slot.block].stages[slot.stage]->take(std::move(one));
}

/// The way out: response functions of the stages before the one that answered, counters, socket.
void listener::let_out(net::slice answered) {
  if (answered.empty())
    return;
  net::batch& batch = answered.home();
  const serving_plan& plan = plan_of(batch);
  const net::time_point now = home() ? home()->loop.read_clock() : net::time_point{};
  send_on<finished>(*this, in_time_.each(answered, [&](net::slot& slot, uint64_t) {
    if (slot.state != net::slot_state::answered || (slot.rest && !slot.streamed))
      return; // a streamed answer comes home again when all of it is sent
    try {
      if (slot.exists)
        deny_type_only(slot);
      respond(plan, batch, slot);
    } catch (const std::exception& e) {
      panic(batch, slot, e);
    }
    plan.count(slot, now);
  }));
  socket_.send(std::move(answered));
}

void listener::respond(const serving_plan& plan, net::batch& batch, net::slot& slot) {
  if (slot.block >= plan.blocks.size())
    return;
  stage_scope scope{batch};
  const auto& stages = plan.blocks[slot.block].stages;
  for (size_t i = slot.answered_by != 0 ? slot.answered_by - 1u : stages.size(); i-- > slot.entry_stage;) {
    slot.reply = nullptr; // what a stage has had in hand may say something else
    stages[i]->response(slot, scope);
  }
}

/// A stage failed: that costs this slot a SERVFAIL, not the others and not the actor.
void listener::panic(net::batch& batch, net::slot& slot, const std::exception& why) {
  counts_.panic();
  log::error("listener: {}: {}", dns::to_text(slot.query.name_as_sent()), why.what());
  net::fail(batch, slot, "the handler failed");
}

} // namespace troupe
