// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_counters.hpp"
#include "net/cache_store.hpp"

namespace troupe::net {

/// Octets of one table unless said otherwise; half for each side, so that a flood of denials leaves the answers alone.
inline constexpr size_t default_cache_octets = size_t{64} << 20;

/// A refresh that was begun counts as running for this long at most: queries end after query_deadline, and whoever
/// began it may have died.
inline constexpr std::chrono::seconds refresh_patience{5};

/// What is known about a question.
enum class cache_outcome : uint8_t {
  miss,  ///< nothing
  fresh, ///< answer from `item`
  stale, ///< answer from `item`, which is past its TTL
  verify ///< wait for upstream (fetch it if `refresh`, else somebody does already); answer from a copy of `item` when
         ///< `refreshed` says so, or the time for it is over
};

struct cache_found {
  cache_outcome outcome = cache_outcome::miss;
  const cache_item* item = nullptr; ///< null on a miss; until the table's next call that is not `find`
  uint32_t ttl = 0;                 ///< that every record is to show when answered from `item`
  bool refresh = false;             ///< the caller now has to fetch it and tell `refreshed`; nobody else was asked to
};

struct cache_stored {
  cache_item item;   ///< what came, with the TTL that the first answer's records show
  bool kept = false; ///< it is in the table: worth giving to other tables
  bool serve = true; ///< false: whoever waits gets the stale item instead, or without one SERVFAIL
};

/// The response cache as a data structure: CoreDNS's two sides and its rules. Knows no clock, socket or thread; one
/// thread uses it. An owner's table is filled by `store` and `refreshed`; a front's by `put` with what the owner's
/// gave.
///
/// Unlike CoreDNS's: the newest answer about a question is the only one (there, a stale denial hides the answer that
/// `verify` brought, again and again); a refresh that failed never replaces what it was to refresh (there, SERVFAIL
/// takes a fresh denial's place); a failed prefetch too is not tried again before `stale_recheck`; who asks while a
/// stale entry is being verified waits for that; and entries that are no use any more go away by themselves.
class cache_table {
public:
  /// `counters` is only written to, and outlives the table. It counts entries, evictions and prefetches; the rest is
  /// counted by `count_lookup`.
  cache_table(cache_rules rules, cache_counters& counters, size_t max_octets = default_cache_octets);

  /// Allocates nothing, moves nothing. A hit counts towards prefetch.
  cache_found find(const dns::query& q, time_point now);

  /// What upstream said to a miss. `reply` must be one to `q`, as read_reply sees to.
  cache_stored store(const dns::query& q, dns::kept_reply_ptr reply, time_point now);

  /// What a reply is shown as to those who wait for it, if it is not to be kept.
  cache_stored shown(const dns::query& q, dns::kept_reply_ptr reply, time_point now) const;

  /// What a refresh brought; null: nothing that could be read, in time. NOERROR and NXDOMAIN count as an answer (RFC
  /// 8767 section 4); under `prefer_positive`, while a positive one may still be used, only a positive one does.
  /// A front whose owner got nothing tells its own table so, with null.
  cache_stored refreshed(const dns::query& q, dns::kept_reply_ptr reply, time_point now);

  /// What another table keeps; dropped if this one has something newer.
  void put(const dns::query& q, const cache_item& item, time_point now);

  /// What `find` would answer from; null: nothing. Counts and begins nothing. For an owner whose front wants a refresh:
  /// the front gets what is newer than its own; without anything it is a miss; else see begin_refresh.
  const cache_item* peek(const dns::query& q, time_point now) noexcept;

  /// True if the caller is to fetch it and tell `refreshed`; false if somebody does already, a refresh failed just now,
  /// or there is nothing to refresh.
  bool begin_refresh(const dns::query& q, time_point now) noexcept;

  /// Takes out what is known of names at and below `zone`, stored no later than `before`, at most `most` of each side.
  /// True if there may be more.
  bool forget(dns::name_view zone, time_point before, size_t most);

  /// Takes out what is dead among the next `steps` entries of each side. `store`, `refreshed` and `put` do a few by
  /// themselves; to be called now and then when nothing is stored any more.
  void sweep(time_point now, size_t steps);

  const cache_rules& rules() const noexcept { return rules_; }
  size_t size(cache_side side) const noexcept { return of(side).size(); }
  size_t octets() const noexcept { return success_.octets() + denial_.octets(); }

private:
  cache_store& of(cache_side side) noexcept { return side == cache_side::success ? success_ : denial_; }
  const cache_store& of(cache_side side) const noexcept { return side == cache_side::success ? success_ : denial_; }

  cache_store::entry* usable(cache_side side, const cache_question& q, time_point now) noexcept;
  cache_store::entry* known_good(const cache_question& q, time_point now) noexcept; // under prefer_positive only
  cache_store::entry* choose(const cache_question& q, time_point now) noexcept;
  bool begin(cache_store::entry& e, time_point now) noexcept;
  void end(cache_store::entry& e, time_point next) noexcept;
  bool wants_prefetch(cache_store::entry& e, int64_t left, time_point now) noexcept;
  cache_stored take(const cache_question& q, dns::kept_reply_ptr reply, bool keep_asks, time_point now);
  cache_store::entry* place(const cache_question& q, const cache_item& item, time_point now);
  void publish() noexcept;

  const cache_rules rules_;
  const uint64_t stale_seconds_;
  const bool prefer_positive_; // without serve_stale it says nothing
  cache_counters& counters_;
  cache_store success_;
  cache_store denial_;
};

/// True if it is to be answered from `item` now.
inline bool is_hit(const cache_found& found) noexcept {
  return found.outcome == cache_outcome::fresh || found.outcome == cache_outcome::stale;
}

/// Counts one query's look-up as CoreDNS does: a request, and a hit or a miss; a stale answer given at once. With a
/// front before an owner, only the look-up that decided is counted. A stale answer after a verification that failed:
/// `served_stale` of the counters.
void count_lookup(cache_counters& counters, const cache_found& found) noexcept;

} // namespace troupe::net
