// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"
#include "net/dns/kept_reply.hpp"

#include <vector>

/// What a response cache keeps, how long, and what it may still say: CoreDNS 1.14.7's rules (its plugin/cache), as
/// values and pure functions. Any thread.
namespace troupe::net {

/// CoreDNS keeps two caches: what exists, and what does not or failed.
enum class cache_side : uint8_t { success, denial };

/// The options of `cache`, with CoreDNS's defaults. TTLs in seconds.
struct cache_rules {
  struct side {
    size_t capacity; ///< entries
    uint32_t max_ttl;
    uint32_t min_ttl;
    std::vector<dns::name> disabled; ///< at and below these nothing of this side is kept
  };

  side success{9984, 3600, 5, {}};
  side denial{9984, 1800, 5, {}};

  unsigned prefetch = 0; ///< asks without a gap over `prefetch_within` that make an entry worth fetching ahead; 0: off
  std::chrono::nanoseconds prefetch_within{std::chrono::minutes{1}};
  unsigned prefetch_percentage = 10; ///< of the TTL left, at or below which it is fetched

  std::chrono::nanoseconds serve_stale{0};   ///< how long past its TTL an answer may be used, in whole seconds; 0: not
  bool stale_verify = false;                 ///< ask first, use the stale answer only if that fails
  uint32_t stale_ttl = 0;                    ///< that clients see in a stale answer
  std::chrono::nanoseconds stale_recheck{0}; ///< after a refresh that failed, least time until the next
  bool prefer_positive = false;              ///< an answer that may be used, stale too, goes before any denial

  std::chrono::nanoseconds servfail{std::chrono::seconds{5}}; ///< failures are kept so long; 0: not
  bool keep_ttl = false;                                      ///< clients see the TTL as it was at first

  const side& of(cache_side s) const noexcept { return s == cache_side::success ? success : denial; }
  uint64_t stale_seconds() const noexcept {
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(serve_stale).count());
  }
};

/// What becomes of a reply.
struct cache_verdict {
  bool keep = false;
  cache_side side = cache_side::success;
  uint32_t ttl = 0; ///< seconds it lives; also what every record of the first answer shows, kept or not
};

/// For a reply to a question for `lowered`:
///   * the least TTL of all records, held within the side's limits, whatever its size (2^31 and more is just large: RFC
///     8767 section 4); the SOA's MINIMUM is not looked at. Without records, and for a referral: 5 s, within the
///     limits. No longer than its signatures are valid (RFC 4035 section 5.3.3), the limits apart, and no time where
///     one is not valid yet (5.3.1).
///   * Denial: NXDOMAIN and NODATA with SOA (RFC 2308 section 5); SERVFAIL and NOTIMP, for `servfail`. Success: the
///   other
///     NOERROR, referrals and empty ones too.
///   * 5 s, within the limits: NXDOMAIN, and a chain that does not reach the type, whose SOA was not of a zone above
///   the
///     name. It says nothing about the name, but each question would be asked anew.
///   * Not kept: TC; any other rcode; NXDOMAIN without SOA; a chain that does not reach the type, without SOA; what has
///   no
///     whole second to live; names at or below `disabled`.
/// `now`: seconds since 1970, modulo 2^32.
cache_verdict judge(const cache_rules& rules, const dns::kept_reply& reply, dns::name_view lowered,
                    uint32_t now) noexcept;

/// NOERROR with a record of the type that was asked for at the end of its chain.
bool answers(const dns::kept_reply& reply) noexcept;

/// A kept reply with its time: what loops give each other. Immutable in use; any thread.
struct cache_item {
  dns::kept_reply_ptr reply;
  time_point stored;
  uint32_t ttl = 0; ///< seconds from `stored`
  cache_side side = cache_side::success;

  /// Seconds left, as CoreDNS counts: whole seconds since `stored` are taken off, so an item is fresh until the last
  /// moment of its last second. 0 or less: stale.
  int64_t remaining(time_point now) const noexcept {
    return int64_t{ttl} - std::chrono::duration_cast<std::chrono::seconds>(now - stored).count();
  }

  /// May be answered from, fresh or within `stale_seconds` of it.
  bool usable(time_point now, uint64_t stale_seconds) const noexcept {
    const int64_t left = remaining(now);
    return left > 0 || static_cast<uint64_t>(-left) < stale_seconds;
  }
};

/// TTL that a stale answer shows: `stale_ttl`; without it the first one under `keepttl`, else 0.
uint32_t stale_ttl_shown(const cache_rules& rules, const cache_item& item) noexcept;

/// Whether `left` seconds are few enough to fetch ahead.
bool prefetch_due(const cache_rules& rules, uint32_t ttl, int64_t left) noexcept;

} // namespace troupe::net
