// SPDX-License-Identifier: Apache-2.0
#include "actors/caching/cache.hpp"

#include "actors/questions/cache_flush.hpp"

namespace troupe {

namespace {

net::cache_rules for_copies(net::cache_rules rules) {
  rules.success.capacity = rules.denial.capacity = cache::copies;
  rules.serve_stale = {};
  return rules;
}

net::cache_rules for_share(net::cache_rules rules, size_t loops) {
  rules.success.capacity = rules.success.capacity / loops + 1;
  rules.denial.capacity = rules.denial.capacity / loops + 1;
  return rules;
}

/// From what the stages behind the cache said. An answer that the server made because it could not do better is no
/// reply.
cache_fetched fetched_from(const net::slot& done, const dns::query& asked) {
  cache_fetched out{0};
  if (done.state != net::slot_state::answered || done.failure) {
    out.why = std::make_shared<const std::string>(done.failure ? done.failure : "no answer");
    out.code = done.state == net::slot_state::answered ? done.rcode : dns::rcode::servfail;
    return out;
  }
  if (done.reply) {
    out.reply = *done.reply;
    return out;
  }
  auto read = dns::read_reply(done.message(), asked, asked.id);
  if (auto* reply = std::get_if<dns::kept_reply_ptr>(&read))
    out.reply = std::move(*reply);
  else
    out.why = std::make_shared<const std::string>("the answer cannot be read");
  return out;
}

/// FORWARD gets such a slot the answer by TCP if it does not fit a datagram; others are told to come again.
bool wants_whole(const net::slot& slot) {
  return slot.protocol == net::protocol::tcp || slot.query.edns.udp_payload > dns::our_udp_payload;
}

void write(net::batch& home, net::slot& slot, const dns::kept_reply& reply, bool from_cache, uint32_t ttl) {
  net::answer_from(home, slot, reply, {.authoritative = from_cache, .fixed_ttl = true, .ttl = ttl});
}

} // namespace

cache::cache(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
             cache_on_loop& part)
  : pinned(cfg, shared, who, home), part_(part), loop_(home ? home->loop.index() : 0),
    known_(std::make_unique<tables>(part.group, part.counters)), owned_(known_->owned), copies_(known_->copies),
    waiting_(part.group.on_loop.size()) {}

cache::tables::tables(const cache_group& group, net::cache_counters& counters)
  : owned(for_share(group.rules, group.on_loop.size()), counters, group.octets / group.on_loop.size()),
    copies(for_copies(group.rules), copies_counters, group.octets / 16) {}

bool cache::tables::forget(const dns::name& zone, net::time_point before, size_t most) {
  return owned.forget(zone.wire(), before, most) | copies.forget(zone.wire(), before, most);
}

cache::behavior_type cache::make_behavior() {
  flushes_ = latest_flush(); // empty as it is, this part has done all up to here
  part_.front.enter(ctrl());
  return {
    [this](queries& message) { on_queries(message); },
    [this](cache_ask& message) { on_ask(message); },
    [this](cache_told& message) { on_told(message); },
    [this](cache_fetch& message) {
      if (const waiting_slots::entry* one = waiting_.find(message.token))
        fetch(one->slot(), one->slice.home().plan, one->question, message.lease);
    },
    [this](cache_fetched& message) { on_fetched(message); },
    [this](again_atom, uint32_t losses) { on_again(losses); },
    [this](verified_atom, uint64_t token) { on_verified_too_late(token); },
    [this](cache_flush& message) { on_flush(message); },
    [this](forget_atom) { on_forget(); },
  };
}

void cache::on_exit() {
  part_.front.actor = nullptr;
  if (home())
    for (auto& [token, one] : flights_)
      home()->loop.cancel(one->timer);
  waiting_.clear(loop());
  by_question_.clear();
  net::destroy_piecemeal(loop(), std::move(flights_));
  if (loop())
    net::piecemeal(*loop(), [all = std::move(known_)] { return all->forget({}, net::time_point::max(), 1); });
}

void cache::on_queries(queries& message) {
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  slots.each([&](net::slot& slot, uint64_t bit) {
    const net::cache_found found = (owns(slot.query) ? owned_ : copies_).find(slot.query, now());
    if (answer_at_once(slots.home(), slot, found))
      return;
    const auto refresh = found.refresh && !owns(slot.query) ? std::optional{found.item->stored} : std::nullopt;
    const uint64_t token = waiting_.add(slots.split(bit));
    ask_owner(token, *waiting_.find(token), refresh);
  });
  if (slots.empty())
    return;
  count_queries(slots.count());
  std::move(slots).finish();
}

/// A hit, unless the owner is to be told to fetch it ahead; or a slot that may not wait.
bool cache::answer_at_once(net::batch& home, net::slot& slot, const net::cache_found& found) {
  const bool mine = owns(slot.query);
  if (is_hit(found) && (mine || !found.refresh || !slot.may_wait)) {
    count_lookup(part_.counters, found);
    write(home, slot, *found.item->reply, true, found.ttl);
    if (mine && found.refresh) {
      const auto question = std::make_shared<const dns::query>(slot.query);
      fetch(slot, home.plan, question, lease_for(begin(question, wants_whole(slot), true, nullptr)));
    }
    return true;
  }
  if (slot.may_wait)
    return false;
  net::fail(home, slot, "too many queries in flight");
  return true;
}

void cache::ask_owner(uint64_t token, const waiting_slots::entry& one, std::optional<net::time_point> refresh) {
  cache_ask question{one.question, wants_whole(one.slot()), refresh, reply_token<cache_told>{ctrl(), token}};
  const size_t owner = part_.group.owner_of(*one.question);
  if (owner == loop_)
    on_ask(question);
  else
    tell(shared().where.find<cache_actor>(part_.group.actor(owner)), std::move(question));
}

void cache::on_told(cache_told& message) {
  waiting_slots::entry* const one = waiting_.find(message.token);
  if (!one)
    return;
  net::slot& slot = one->slot();
  net::batch& batch = one->slice.home();
  batch.note_answer(slot, message.notes);
  switch (message.result) {
  case cache_told::outcome::lost:
    if (lost_.add(message.token, one->losses++, home(), ctrl()))
      return;
    net::fail(batch, slot, "the cache's part of the server failed");
    break;
  case cache_told::outcome::failed:
    net::fail(batch, slot, message.why ? batch.note(*message.why) : "no answer", message.code);
    break;
  case cache_told::outcome::found:
    if (message.lease)
      fetch(slot, batch.plan, one->question, message.lease);
    if (message.may_keep && !owns(slot.query) && message.flushes >= flushes_)
      copies_.put(slot.query, message.item, now());
    write(batch, slot, *message.item.reply, message.from_cache, message.ttl);
    break;
  }
  count_queries(1);
  net::slice done = waiting_.take(message.token);
  std::move(done).finish();
}

/// Asks the stages behind the cache. What they say goes to the owner, who tells all that wait.
void cache::fetch(const net::slot& for_, const net::plan_ptr& plan, const shared_query& question,
                  const cache_lease& lease) {
  net::subquery_start from{for_, plan};
  from.stage = static_cast<uint8_t>(for_.stage + 1);
  from.block = for_.block;
  from.zone = for_.zone;
  part_.subqueries.ask(*question, from, [lease, question, &through = part_.subqueries](net::slot& done) {
    const cache_fetched got = fetched_from(done, *question);
    lease->answer(got.reply, got.why, got.code, through.notes());
  });
}

void cache::on_again(unsigned losses) {
  for (uint64_t token : lost_.take(losses, ctrl()))
    if (const waiting_slots::entry* one = waiting_.find(token))
      ask_owner(token, *one, std::nullopt);
}

} // namespace troupe
