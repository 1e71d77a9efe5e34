// SPDX-License-Identifier: Apache-2.0
#include "net/cache_table.hpp"

#include <ctime>

namespace troupe::net {

namespace {

constexpr size_t sweep_steps = 4; // with each entry that comes: the table is through long before it has filled again

bool is_answer(const dns::kept_reply& reply) noexcept {
  const auto code = static_cast<dns::rcode>(reply.rcode);
  return !reply.truncated() && (code == dns::rcode::noerror || code == dns::rcode::nxdomain);
}

/// What signatures are held against; others need no time of day.
uint32_t wall_seconds(const dns::kept_reply& reply) noexcept {
  return reply.signed_until ? static_cast<uint32_t>(std::time(nullptr)) : 0;
}

bool has_rcode(const cache_item& item, dns::rcode code) noexcept {
  return static_cast<dns::rcode>(item.reply->rcode) == code;
}

bool is_failure(const cache_item& item) noexcept {
  return has_rcode(item, dns::rcode::servfail) || has_rcode(item, dns::rcode::notimp);
}

} // namespace

cache_table::cache_table(cache_rules rules, cache_counters& counters, size_t max_octets)
  : rules_(std::move(rules)), stale_seconds_(rules_.stale_seconds()),
    prefer_positive_(rules_.prefer_positive && stale_seconds_ > 0), counters_(counters),
    success_(rules_.success.capacity, max_octets / 2, stale_seconds_),
    denial_(rules_.denial.capacity, max_octets / 2, stale_seconds_) {
  publish();
}

cache_store::entry* cache_table::usable(cache_side side, const cache_question& q, time_point now) noexcept {
  cache_store::entry* e = of(side).find(q);
  return e && e->item.usable(now, stale_seconds_) ? e : nullptr;
}

cache_store::entry* cache_table::known_good(const cache_question& q, time_point now) noexcept {
  if (!prefer_positive_)
    return nullptr;
  cache_store::entry* e = usable(cache_side::success, q, now);
  return e && answers(*e->item.reply) ? e : nullptr;
}

/// Denial goes before success, but for SERVFAIL, which passes and does not make a known answer wrong.
cache_store::entry* cache_table::choose(const cache_question& q, time_point now) noexcept {
  if (cache_store::entry* good = known_good(q, now))
    return good;
  cache_store::entry* denial = usable(cache_side::denial, q, now);
  if (denial && !has_rcode(denial->item, dns::rcode::servfail))
    return denial;
  cache_store::entry* success = usable(cache_side::success, q, now);
  return success ? success : denial;
}

bool cache_table::begin(cache_store::entry& e, time_point now) noexcept {
  if (now < e.next_refresh)
    return false;
  e.refreshing = true;
  e.next_refresh = now + refresh_patience;
  return true;
}

void cache_table::end(cache_store::entry& e, time_point next) noexcept {
  e.refreshing = false;
  e.next_refresh = next;
}

bool cache_table::wants_prefetch(cache_store::entry& e, int64_t left, time_point now) noexcept {
  if (rules_.prefetch == 0)
    return false;
  const bool in_a_row = e.asks > 0 && now - e.last_asked <= rules_.prefetch_within;
  e.asks = in_a_row ? e.asks + 1 : 1;
  e.last_asked = now;
  return e.asks >= rules_.prefetch && prefetch_due(rules_, e.item.ttl, left);
}

cache_found cache_table::find(const dns::query& query, time_point now) {
  cache_store::entry* e = choose(cache_question::of(query), now);
  if (!e)
    return {};
  e->used = true;
  const int64_t left = e->item.remaining(now);
  if (left > 0) {
    const bool refresh = wants_prefetch(*e, left, now) && begin(*e, now);
    counters_.prefetches.add(refresh);
    return {cache_outcome::fresh, &e->item, rules_.keep_ttl ? e->item.ttl : static_cast<uint32_t>(left), refresh};
  }
  cache_found found{cache_outcome::stale, &e->item, stale_ttl_shown(rules_, e->item), false};
  const bool running = e->refreshing && now < e->next_refresh;
  found.refresh = begin(*e, now);
  if (!rules_.stale_verify)
    counters_.prefetches.add(found.refresh);
  else if (found.refresh || running)
    found.outcome = cache_outcome::verify;
  return found;
}

cache_stored cache_table::store(const dns::query& query, dns::kept_reply_ptr reply, time_point now) {
  return take(cache_question::of(query), std::move(reply), false, now);
}

cache_stored cache_table::shown(const dns::query& query, dns::kept_reply_ptr reply, time_point now) const {
  const cache_verdict v = judge(rules_, *reply, query.name_lowered(), wall_seconds(*reply));
  return {{std::move(reply), now, v.ttl, v.side}, false, true};
}

cache_stored cache_table::refreshed(const dns::query& query, dns::kept_reply_ptr reply, time_point now) {
  const cache_question q = cache_question::of(query);
  cache_store::entry* good = known_good(q, now);
  const bool answered = reply && is_answer(*reply);
  const bool serve = answered && (!good || answers(*reply));
  for (const cache_side side : {cache_side::success, cache_side::denial})
    if (cache_store::entry* e = of(side).find(q))
      end(*e, serve ? now : now + std::chrono::duration_cast<duration>(rules_.stale_recheck));
  cache_stored out;
  if (answered)
    out = take(q, std::move(reply), true, now);
  out.serve = serve;
  return out;
}

void cache_table::put(const dns::query& query, const cache_item& item, time_point now) {
  const cache_question q = cache_question::of(query);
  for (const cache_side side : {cache_side::success, cache_side::denial})
    if (const cache_store::entry* e = of(side).find(q); e && e->item.stored > item.stored)
      return;
  place(q, item, now);
  publish();
}

const cache_item* cache_table::peek(const dns::query& query, time_point now) noexcept {
  const cache_store::entry* e = choose(cache_question::of(query), now);
  return e ? &e->item : nullptr;
}

bool cache_table::begin_refresh(const dns::query& query, time_point now) noexcept {
  cache_store::entry* e = choose(cache_question::of(query), now);
  if (!e || !begin(*e, now))
    return false;
  if (e->item.remaining(now) > 0 || !rules_.stale_verify)
    counters_.prefetches.add(1);
  return true;
}

cache_stored cache_table::take(const cache_question& q, dns::kept_reply_ptr reply, bool keep_asks, time_point now) {
  const cache_verdict v = judge(rules_, *reply, q.name, wall_seconds(*reply));
  cache_stored out{{std::move(reply), now, v.ttl, v.side}, false, true};
  if (!v.keep)
    return out;
  cache_store::entry* e = place(q, out.item, now);
  out.kept = e != nullptr;
  if (e && !keep_asks)
    e->asks = 0;
  publish();
  return out;
}

/// The newest answer about a question is the only one; a failure is no answer and replaces none.
cache_store::entry* cache_table::place(const cache_question& q, const cache_item& item, time_point now) {
  const bool positive = answers(*item.reply);
  if (item.side == cache_side::success) {
    if (!positive && known_good(q, now))
      return nullptr;
    if (positive || !prefer_positive_)
      denial_.erase(q);
  } else if (!prefer_positive_ && !is_failure(item)) {
    success_.erase(q);
  }
  of(item.side).sweep(now, sweep_steps);
  cache_store::entry* e = of(item.side).insert(q, item, now);
  if (e)
    end(*e, now);
  return e;
}

bool cache_table::forget(dns::name_view zone, time_point before, size_t most) {
  const bool more = success_.forget(zone, before, most);
  const bool more_denials = denial_.forget(zone, before, most);
  publish();
  return more || more_denials;
}

void cache_table::sweep(time_point now, size_t steps) {
  success_.sweep(now, steps);
  denial_.sweep(now, steps);
  publish();
}

void cache_table::publish() noexcept {
  for (const cache_side side : {cache_side::success, cache_side::denial}) {
    const auto at = static_cast<size_t>(side);
    counters_.entries[at].set(of(side).size());
    counters_.evictions[at].add(of(side).take_evictions());
  }
}

void count_lookup(cache_counters& counters, const cache_found& found) noexcept {
  counters.requests.add(1);
  if (found.outcome == cache_outcome::miss)
    counters.misses.add(1);
  else
    counters.hits[static_cast<size_t>(found.item->side)].add(1);
  if (found.outcome == cache_outcome::stale)
    counters.served_stale.add(1);
}

} // namespace troupe::net
