// SPDX-License-Identifier: Apache-2.0
#include "actors/cache.hpp"

namespace troupe {

namespace {

thread_local uint8_t scratch[dns::max_message_octets];

net::cache_rules for_copies(net::cache_rules rules) {
  rules.success.capacity = rules.denial.capacity = cache::copies;
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

void write(net::batch& home, net::slot& slot, const dns::kept_reply& reply, bool from_cache, uint32_t ttl) {
  const size_t size = dns::write_reply(reply, slot.query, {from_cache, true, ttl}, scratch);
  if (size == 0) {
    net::answer_code(home, slot, dns::rcode::servfail);
    slot.failure = "the reply does not fit";
    return;
  }
  home.keep(slot, {scratch, size});
  slot.rcode = static_cast<dns::rcode>(reply.rcode);
  slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
}

} // namespace

cache::cache(caf::actor_config& cfg, process& shared, const actor_identity& who, scheduled_loop* home,
             cache_on_loop& here)
  : pinned(cfg, shared, who, home), here_(here), loop_(home ? home->loop.index() : 0),
    owned_(for_share(here.of.rules, here.of.on_loop.size()), here.counters,
           net::default_cache_octets / here.of.on_loop.size()),
    copies_(for_copies(here.of.rules), copies_counters_, net::default_cache_octets / 16) {}

cache::behavior_type cache::make_behavior() {
  here_.front.actor = ctrl();
  return {
    [this](queries& message) { on_queries(message); },
    [this](cache_ask& message) { on_ask(message); },
    [this](cache_told& message) { on_told(message); },
    [this](cache_fetch& message) {
      if (const waiting_slots::entry* one = waiting_.find(message.token))
        fetch(*one, message.lease);
    },
    [this](cache_fetched& message) { on_fetched(message); },
    [this](again_atom) { on_again(); },
    [this](verified_atom, uint64_t token) { on_verified_too_late(token); },
  };
}

void cache::on_exit() {
  here_.front.actor = nullptr;
  if (home()) {
    home()->loop.cancel(timer_);
    for (auto& [token, one] : flights_)
      home()->loop.cancel(one->timer);
  }
  waiting_.clear();
  by_question_.clear();
  flights_.clear();
}

net::cache_table& cache::table_for(const dns::query& q) noexcept {
  return here_.of.owner_of(q) == loop_ ? owned_ : copies_;
}

void cache::on_queries(queries& message) {
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  for (uint64_t left = slots.bits(); left != 0; left &= left - 1) {
    const uint64_t bit = left & -left;
    net::slot& slot = slots.home()[static_cast<size_t>(std::countr_zero(left))];
    if (answer_at_once(slots.home(), slot))
      continue;
    const uint64_t token = waiting_.add(slots.split(bit));
    ask_owner(token, *waiting_.find(token), false);
  }
  if (slots.empty())
    return;
  count_queries(slots.count());
  std::move(slots).finish();
}

/// A hit that asks for nothing else, or a slot that may not wait.
bool cache::answer_at_once(net::batch& home, net::slot& slot) {
  const net::cache_found found = table_for(slot.query).find(slot.query, now());
  const bool hit = found.outcome == net::cache_outcome::fresh || found.outcome == net::cache_outcome::stale;
  if (hit && (!found.refresh || !slot.may_wait)) {
    count_lookup(here_.counters, found);
    write(home, slot, *found.item->reply, true, found.ttl);
    return true;
  }
  if (slot.may_wait)
    return false;
  net::answer_code(home, slot, dns::rcode::servfail);
  slot.failure = "too many queries in flight";
  return true;
}

void cache::ask_owner(uint64_t token, waiting_slots::entry& one, bool refresh) {
  const auto owner = shared().where.find<cache_actor>(here_.of.actor(here_.of.owner_of(*one.what)));
  tell(owner, cache_ask{one.what, refresh, slip<cache_told>{ctrl(), token}});
}

void cache::on_told(cache_told& message) {
  waiting_slots::entry* const one = waiting_.find(message.token);
  if (!one)
    return;
  net::slot& slot = one->slot();
  net::batch& batch = one->slice.home();
  switch (message.what) {
  case cache_told::outcome::lost:
    if (++one->losses < max_losses && home())
      return ask_again_soon(message.token);
    net::answer_code(batch, slot, dns::rcode::servfail);
    slot.failure = "the cache's part of the server failed";
    break;
  case cache_told::outcome::failed:
    net::answer_code(batch, slot, dns::rcode::servfail);
    slot.failure = message.why ? batch.note(*message.why) : "no answer";
    break;
  case cache_told::outcome::found:
    if (message.lease)
      fetch(*one, message.lease);
    if (message.may_keep && here_.of.owner_of(slot.query) != loop_)
      copies_.put(slot.query, message.item, now());
    write(batch, slot, *message.item.reply, message.from_cache, message.ttl);
    break;
  }
  count_queries(1);
  net::slice done = waiting_.take(message.token);
  std::move(done).finish();
}

/// Asks the stages behind the cache. What they say goes to the owner, who tells all that wait.
void cache::fetch(const waiting_slots::entry& for_, const cache_lease& lease) {
  const net::slot& slot = for_.slot();
  net::inner_start from{slot, for_.slice.home().plan};
  from.stage = static_cast<uint8_t>(slot.stage + 1);
  from.block = slot.block;
  from.zone = slot.zone;
  here_.own_questions.ask(*for_.what, from, [lease, what = for_.what](net::slot& done) {
    const cache_fetched got = fetched_from(done, *what);
    lease->answer(got.reply, got.why);
  });
}

void cache::ask_again_soon(uint64_t token) {
  lost_.push_back(token);
  if (lost_.size() == 1)
    timer_ = home()->loop.at(home()->loop.now() + retry_wait,
                             [self = caf::actor_cast<cache_actor>(this)] { tell(self, again_atom::value); });
}

void cache::on_again() {
  for (uint64_t token : std::exchange(lost_, {}))
    if (waiting_slots::entry* one = waiting_.find(token))
      ask_owner(token, *one, false);
}

} // namespace troupe
