// SPDX-License-Identifier: Apache-2.0
#include "net/cache_key.hpp"

namespace troupe::net {

namespace {

/// Spreads every bit over all. Not linear, so that types chosen by a client do not fall together whatever the (keyed)
/// hash of the name is.
uint64_t spread(uint64_t x) noexcept {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

} // namespace

cache_question cache_question::of(const dns::query& q) noexcept {
  cache_question out{q.name_lowered(),
                     q.qtype,
                     q.data_class(),
                     q.edns.dnssec_ok,
                     (q.flags & dns::flag::cd) != 0,
                     (q.flags & dns::flag::rd) != 0,
                     0};
  const uint64_t name = spread(q.qname_hash);
  out.hash =
    spread(name ^ (uint64_t{out.type} << 32 | uint64_t{out.qclass} << 16 | uint64_t{out.recursion_desired} << 2 |
                   uint64_t{out.dnssec_ok} << 1 | uint64_t{out.checking_disabled}));
  if (out.options = q.options(); !out.options.empty())
    out.hash = spread(out.hash ^ dns::hash(out.options));
  return out;
}

} // namespace troupe::net
