// SPDX-License-Identifier: Apache-2.0
#include "net/cache_key.hpp"

#include <algorithm>

namespace troupe::net {

namespace {

/// Spreads every bit over all. Not linear, so that types chosen by a client do not fall together whatever the (keyed)
/// hash of the name is.
uint64_t spread(uint64_t x) noexcept {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

/// Apart, so that questions without them pay for one look.
[[gnu::noinline, gnu::cold]] void add_options(cache_question& to, const std::vector<uint8_t>& options) noexcept {
  to.options = &options;
  to.hash = spread(to.hash ^ dns::hash(options));
}

} // namespace

bool cache_key::has_octets_and_options(const cache_question& q) const noexcept {
  const dns::name_view mine{octets_};
  return octets_.size() == q.name.size() + q.options->size() && std::ranges::equal(mine.first(q.name.size()), q.name) &&
         std::ranges::equal(mine.subspan(q.name.size()), *q.options);
}

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
  if (q.upstream_options) [[unlikely]]
    add_options(out, *q.upstream_options);
  return out;
}

} // namespace troupe::net
