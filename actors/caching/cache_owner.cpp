// SPDX-License-Identifier: Apache-2.0
// The owner's side of CACHE: what is known of the names whose hash falls to this loop, and who fetches what is not.
#include "actors/caching/cache.hpp"

namespace troupe {

namespace {

using outcome = cache_told::outcome;

/// Entries of each side that a flush takes out before questions have their turn: some 200 µs.
constexpr size_t forgotten_at_once = 500;

} // namespace

cache_lease cache::lease_for(uint64_t flight) const {
  return std::make_shared<const reply_token<cache_fetched>>(caf::strong_actor_ptr{ctrl()}, flight);
}

void cache::on_ask(cache_ask& message) {
  const dns::query& q = *message.question;
  const net::cache_found found = owned_.find(q, now());
  count_lookup(part_.counters, found);
  if (is_hit(found)) {
    const net::cache_item item = *found.item;
    const bool asked_to = message.refresh && item.stored <= *message.refresh;
    const bool refresh = found.refresh || (asked_to && owned_.begin_refresh(q, now()));
    const cache_lease lease = refresh ? lease_for(begin(message.question, message.whole, true, nullptr)) : nullptr;
    message.to.answer(outcome::found, item, found.ttl, true, found.outcome == net::cache_outcome::fresh, flushes_,
                      lease);
    return;
  }
  const auto same = by_question_.find(key_of(q, message.whole));
  if (same != by_question_.end()) {
    flight& under_way = *flights_.find(same->second)->second;
    under_way.waiting.push_back(std::move(message.to));
    if (under_way.late)
      answer_stale(under_way, {0});
    return;
  }
  const net::cache_item* stale = found.outcome == net::cache_outcome::verify ? found.item : nullptr;
  const uint64_t token = begin(message.question, message.whole, stale != nullptr, stale);
  flight& lookup = *flights_.find(token)->second;
  lookup.waiting.push_back(std::move(message.to));
  have_fetched(token, lookup);
}

/// Notes that an answer is being fetched.
uint64_t cache::begin(const shared_query& question, bool whole, bool refresh, const net::cache_item* stale) {
  const uint64_t token = ++last_flight_;
  auto made = std::make_unique<flight>();
  made->question = question;
  made->whole = whole;
  made->refresh = refresh;
  if (stale)
    made->stale = *stale;
  const auto limit = part_.group.options.verify_timeout;
  if (stale && limit.count() > 0 && home())
    made->timer = home()->loop.at(
      now() + limit, [self = caf::actor_cast<cache_actor>(this), token] { tell(self, verified_atom::value, token); });
  by_question_.emplace(made->key(), token);
  flights_.emplace(token, std::move(made));
  return token;
}

void cache::have_fetched(uint64_t token, flight& lookup) {
  const auto& who = lookup.waiting[lookup.told++];
  who.also(cache_fetch{who.token(), lease_for(token)});
}

/// The lease came back, or died with whoever held it: then the next one who waits fetches.
void cache::on_fetched(cache_fetched& message) {
  const auto found = flights_.find(message.token);
  if (found == flights_.end())
    return;
  flight& lookup = *found->second;
  const bool died = !message.reply && !message.why;
  if (died && lookup.told < lookup.waiting.size())
    have_fetched(message.token, lookup);
  else
    end(message.token, message);
}

void cache::end(uint64_t token, const cache_fetched& fetched) {
  const auto found = flights_.find(token);
  const auto over = std::move(found->second);
  flights_.erase(found);
  if (const auto mine = by_question_.find(over->key()); mine != by_question_.end() && mine->second == token)
    by_question_.erase(mine);
  if (home())
    home()->loop.cancel(over->timer);
  const net::cache_stored stored = keep(*over, fetched.reply);
  if (!stored.serve)
    return answer_stale(*over, fetched);
  net::each_piecemeal(loop(), std::move(over->waiting),
                      [stored, seen = flushes_, notes = fetched.notes](const reply_token<cache_told>& client) {
                        client.answer(outcome::found, stored.item, stored.item.ttl, false, stored.kept, seen, nullptr,
                                      nullptr, dns::rcode::servfail, notes);
                      });
}

net::cache_stored cache::keep(const flight& lookup, const dns::kept_reply_ptr& reply) {
  const dns::query& q = *lookup.question;
  if (reply && lookup.flushed)
    return owned_.shown(q, reply, now());
  if (lookup.refresh && !lookup.flushed)
    return owned_.refreshed(q, reply, now());
  if (reply)
    return owned_.store(q, reply, now());
  net::cache_stored nothing;
  nothing.serve = false;
  return nothing;
}

/// Tells all who wait.
void cache::answer_stale(flight& lookup, const cache_fetched& failed) {
  auto waiting = std::exchange(lookup.waiting, {});
  if (!lookup.stale.reply)
    return net::each_piecemeal(loop(), std::move(waiting),
                               [failed, seen = flushes_](const reply_token<cache_told>& client) {
                                 client.answer(outcome::failed, net::cache_item{}, 0u, false, false, seen, nullptr,
                                               failed.why, failed.code, failed.notes);
                               });
  part_.counters.served_stale.add(waiting.size());
  const uint32_t ttl = stale_ttl_shown(part_.group.rules, lookup.stale);
  net::each_piecemeal(loop(), std::move(waiting),
                      [stale = lookup.stale, ttl, seen = flushes_](const reply_token<cache_told>& client) {
                        client.answer(outcome::found, stale, ttl, true, false, seen);
                      });
}

/// Whoever waits for a verification gets the stale answer; what comes later is kept for others.
void cache::on_verified_too_late(uint64_t token) {
  const auto found = flights_.find(token);
  if (found == flights_.end())
    return;
  flight& lookup = *found->second;
  lookup.late = true;
  answer_stale(lookup, {0});
}

/// Who waits already gets what is under way, and nobody else does.
void cache::on_flush(cache_flush& message) {
  flushes_ = std::max(flushes_, message.number);
  const dns::name zone = message.zone.lowered();
  for (auto& [token, one] : flights_)
    if (dns::is_subdomain(one->question->name_lowered(), zone.wire())) {
      one->flushed = true;
      one->stale = {};
      if (const auto mine = by_question_.find(one->key()); mine != by_question_.end() && mine->second == token)
        by_question_.erase(mine);
    }
  flushing_.push_back({zone, now()});
  if (flushing_.size() == 1)
    on_forget();
}

void cache::on_forget() {
  const flush& next = flushing_.front();
  if (!known_->forget(next.zone, next.before, forgotten_at_once))
    flushing_.erase(flushing_.begin());
  if (!flushing_.empty())
    tell(caf::actor_cast<cache_actor>(this), forget_atom::value);
}

} // namespace troupe
