// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/forward_front.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// CoreDNS's bound for one question, all attempts together.
constexpr std::chrono::seconds overall_limit{5};

bool goes_on(const forward_use& use, const dns::kept_reply& reply) {
  const auto& next = use.options.next;
  return use.next_is_forward && (std::find(next.begin(), next.end(), reply.rcode) != next.end() ||
                                 (use.options.next_on_nodata && reply.nodata));
}

} // namespace

void write_forwarded(net::batch& home, net::slot& slot, const forwarded& with) {
  home.note_answer(slot, with.notes);
  switch (with.result) {
  case forwarded::outcome::rejected:
    return net::fail(home, slot, "concurrent queries exceeded maximum", dns::rcode::refused);
  case forwarded::outcome::lost:
  case forwarded::outcome::failed:
    return net::fail(home, slot, with.why ? home.note(*with.why) : "the upstream's part of the server failed");
  case forwarded::outcome::replied:
    if (goes_on(slot.options_as<forward_use>(), *with.reply))
      slot.state = net::slot_state::passed;
    else if (net::answer_from(home, slot, *with.reply, {}))
      home.remember(slot, with.reply);
  }
}

forward_front::forward_front(caf::actor_config& cfg, actor_context& shared, const actor_identity& who,
                             scheduled_loop* home, forward_on_loop& part)
  : pinned(cfg, shared, who, home), part_(part), waiting_(part.group.on_loop.size()) {}

forward_front::behavior_type forward_front::make_behavior() {
  part_.front.enter(ctrl());
  return {
    [this](queries& message) { on_queries(message); },
    [this](forwarded& message) { on_forwarded(message); },
    [this](again_atom, uint32_t losses) { on_again(losses); },
  };
}

void forward_front::on_exit() {
  part_.front.actor = nullptr;
  waiting_.clear(loop());
}

void forward_front::on_queries(queries& message) {
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  slots.each([&](net::slot& slot, uint64_t bit) {
    if (slot.may_wait) {
      const uint64_t token = waiting_.add(slots.split(bit));
      send(token, *waiting_.find(token));
    } else {
      net::fail(slots.home(), slot, "too many queries in flight");
    }
  });
  if (!slots.empty())
    std::move(slots).finish();
}

void forward_front::send(uint64_t token, const waiting_slots::entry& one) {
  const net::slot& slot = one.slot();
  tell(shared().where.find<forward_actor>(part_.group.named("forward")),
       resolve{one.question, slot.protocol, slot.arrived + slot.options_as<forward_use>().limit,
               slot.options_as<forward_use>().noted, reply_token<forwarded>{ctrl(), token}});
}

void forward_front::on_forwarded(forwarded& message) {
  waiting_slots::entry* const one = waiting_.find(message.token);
  if (!one)
    return;
  if (message.result == forwarded::outcome::lost && lost_.add(message.token, one->losses++, home(), ctrl()))
    return;
  net::slice done = waiting_.take(message.token);
  write_forwarded(done.home(), done.home()[0], message);
  count_queries(1);
  std::move(done).finish();
}

void forward_front::on_again(unsigned losses) {
  for (uint64_t token : lost_.take(losses, ctrl()))
    if (const waiting_slots::entry* one = waiting_.find(token))
      send(token, *one);
}

} // namespace troupe
