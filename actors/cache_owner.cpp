// SPDX-License-Identifier: Apache-2.0
// The owner's side of CACHE: what is known of the names whose hash falls to this loop, and who fetches what is not.
#include "actors/cache.hpp"

namespace troupe {

namespace {

using outcome = cache_told::outcome;

} // namespace

cache_lease cache::lease_for(uint64_t flight) const {
  return std::make_shared<const slip<cache_fetched>>(caf::strong_actor_ptr{ctrl()}, flight);
}

void cache::on_ask(cache_ask& message) {
  const dns::query& q = *message.what;
  const net::cache_found found = owned_.find(q, now());
  count_lookup(here_.counters, found);
  if (is_hit(found)) {
    const net::cache_item item = *found.item;
    const bool asked_to = message.refresh && item.stored <= *message.refresh;
    const bool refresh = found.refresh || (asked_to && owned_.begin_refresh(q, now()));
    const cache_lease lease = refresh ? lease_for(begin(message.what, true, nullptr)) : nullptr;
    message.to.answer(outcome::found, item, found.ttl, true, found.outcome == net::cache_outcome::fresh, lease);
    return;
  }
  const auto same = by_question_.find(key_of(q));
  if (same != by_question_.end()) {
    flight& under_way = *flights_.find(same->second)->second;
    if (under_way.late)
      answer_stale(under_way, message.to, {0});
    else
      under_way.waiting.push_back(std::move(message.to));
    return;
  }
  const net::cache_item* stale = found.outcome == net::cache_outcome::verify ? found.item : nullptr;
  const uint64_t token = begin(message.what, stale != nullptr, stale);
  flight& of = *flights_.find(token)->second;
  of.waiting.push_back(std::move(message.to));
  have_fetched(token, of);
}

/// Notes that an answer is being fetched.
uint64_t cache::begin(const shared_query& what, bool refresh, const net::cache_item* stale) {
  const uint64_t token = ++last_flight_;
  auto made = std::make_unique<flight>();
  made->what = what;
  made->refresh = refresh;
  if (stale)
    made->stale = *stale;
  const auto limit = here_.of.options.verify_timeout;
  if (stale && limit.count() > 0 && home())
    made->timer = home()->loop.at(
      now() + limit, [self = caf::actor_cast<cache_actor>(this), token] { tell(self, verified_atom::value, token); });
  by_question_.emplace(made->key(), token);
  flights_.emplace(token, std::move(made));
  return token;
}

void cache::have_fetched(uint64_t token, flight& of) {
  const auto& who = of.waiting[of.told++];
  who.also(cache_fetch{who.token(), lease_for(token)});
}

/// The lease came back, or died with whoever held it: then the next one who waits fetches.
void cache::on_fetched(cache_fetched& message) {
  const auto found = flights_.find(message.token);
  if (found == flights_.end())
    return;
  flight& of = *found->second;
  const bool died = !message.reply && !message.why;
  if (died && of.told < of.waiting.size())
    have_fetched(message.token, of);
  else
    end(message.token, message);
}

void cache::end(uint64_t token, const cache_fetched& how) {
  const auto found = flights_.find(token);
  const auto over = std::move(found->second);
  flights_.erase(found);
  if (const auto mine = by_question_.find(over->key()); mine != by_question_.end() && mine->second == token)
    by_question_.erase(mine);
  if (home())
    home()->loop.cancel(over->timer);
  const dns::query& q = *over->what;
  net::cache_stored stored;
  stored.serve = false;
  if (over->refresh)
    stored = owned_.refreshed(q, how.reply, now());
  else if (how.reply)
    stored = owned_.store(q, how.reply, now());
  for (const auto& client : over->waiting) {
    if (stored.serve)
      client.answer(outcome::found, stored.item, stored.item.ttl, false, stored.kept);
    else
      answer_stale(*over, client, how);
  }
}

void cache::answer_stale(const flight& of, const slip<cache_told>& to, const cache_fetched& failed) {
  if (!of.stale.reply)
    return to.answer(outcome::failed, net::cache_item{}, 0u, false, false, nullptr, failed.why, failed.code);
  here_.counters.served_stale.add(1);
  to.answer(outcome::found, of.stale, stale_ttl_shown(here_.of.rules, of.stale), true, false);
}

/// Whoever waits for a verification gets the stale answer; what comes later is kept for others.
void cache::on_verified_too_late(uint64_t token) {
  const auto found = flights_.find(token);
  if (found == flights_.end())
    return;
  flight& of = *found->second;
  of.late = true;
  for (const auto& client : std::exchange(of.waiting, {}))
    answer_stale(of, client, {0});
}

} // namespace troupe
