// SPDX-License-Identifier: Apache-2.0
#include "net/cache_rules.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::net {

namespace {

constexpr uint32_t fallback_ttl = 5; // CoreDNS's dnsutil.MinimalDefaultTTL

uint32_t clamp(const cache_rules::side& side, uint32_t ttl) noexcept {
  return std::min(std::max(ttl, side.min_ttl), side.max_ttl);
}

uint32_t failure_ttl(const cache_rules& rules) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rules.servfail).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(seconds, 0, UINT32_MAX));
}

bool has_answer_records(const dns::kept_reply& reply) noexcept {
  return reply.image[6] || reply.image[7];
}

/// Seconds that all signatures are valid for still, 0 if one is not yet; as good as forever without any.
uint32_t validity(const dns::kept_reply& reply, uint32_t now) noexcept {
  if (!reply.signed_until)
    return UINT32_MAX;
  const auto left = static_cast<int32_t>(*reply.signed_until - now);
  const bool begun = static_cast<int32_t>(reply.signed_from - now) <= 0;
  return left < 0 || !begun ? 0 : static_cast<uint32_t>(left);
}

/// Before TC and `disabled` are looked at.
cache_verdict by_content(const cache_rules& rules, const dns::kept_reply& reply, uint32_t now) noexcept {
  const uint32_t least = std::min(reply.ttls.empty() ? fallback_ttl : reply.least_ttl, validity(reply, now));
  switch (static_cast<dns::rcode>(reply.rcode)) {
  case dns::rcode::noerror:
    if (!reply.nodata)
      return {true, cache_side::success, clamp(rules.success, least)};
    if (reply.has_soa)
      return {true, cache_side::denial, clamp(rules.denial, least)};
    if (reply.foreign_soa)
      return {true, cache_side::denial, clamp(rules.denial, fallback_ttl)};
    if (has_answer_records(reply))
      return {false, cache_side::success, clamp(rules.success, least)};
    return {true, cache_side::success, clamp(rules.success, fallback_ttl)};
  case dns::rcode::nxdomain:
    return {reply.has_soa || reply.foreign_soa, cache_side::denial,
            clamp(rules.denial, reply.foreign_soa ? fallback_ttl : least)};
  case dns::rcode::servfail:
  case dns::rcode::notimp:
    return {true, cache_side::denial, failure_ttl(rules)};
  default:
    return {false, cache_side::success, clamp(rules.success, fallback_ttl)};
  }
}

} // namespace

cache_verdict judge(const cache_rules& rules, const dns::kept_reply& reply, dns::name_view lowered,
                    uint32_t now) noexcept {
  cache_verdict v = by_content(rules, reply, now);
  v.keep = v.keep && v.ttl > 0 && !reply.truncated() &&
           std::ranges::none_of(rules.of(v.side).disabled,
                                [&](const dns::name& zone) { return dns::is_subdomain(lowered, zone.wire()); });
  return v;
}

bool answers(const dns::kept_reply& reply) noexcept {
  return static_cast<dns::rcode>(reply.rcode) == dns::rcode::noerror && !reply.nodata;
}

uint32_t stale_ttl_shown(const cache_rules& rules, const cache_item& item) noexcept {
  if (rules.stale_ttl > 0)
    return rules.stale_ttl;
  return rules.keep_ttl ? item.ttl : 0;
}

bool prefetch_due(const cache_rules& rules, uint32_t ttl, int64_t left) noexcept {
  // In floating point as CoreDNS does it, so that 55 % of 100 is 56 here as there.
  return static_cast<double>(left) <= std::ceil(static_cast<double>(rules.prefetch_percentage) / 100 * ttl);
}

} // namespace troupe::net
