// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <algorithm>
#include <vector>

namespace troupe::net {

/// What two queries must have in common to share an answer: name (case ignored), type, class, RD, DO and CD. Without RD
/// a resolver says what it happens to know, often a referral or nothing, which is no answer for who wants one found. No
/// part of it is the client: neither address nor subnet. Seen from outside, so that looking up allocates nothing; the
/// name must outlive it.
struct cache_question {
  dns::name_view name; ///< whole, lower-cased, wire form
  uint16_t type = 0;
  uint16_t qclass = 0;
  bool dnssec_ok = false;
  bool checking_disabled = false;
  bool recursion_desired = true;
  uint64_t hash = 0; ///< of all of the above

  /// Of a query that was parsed: it holds the lowered name and its hash already.
  static cache_question of(const dns::query& q) noexcept;
};

/// The same, owned by an entry.
class cache_key {
public:
  explicit cache_key(const cache_question& q)
    : name_(q.name.begin(), q.name.end()), hash_(q.hash), type_(q.type), qclass_(q.qclass), dnssec_ok_(q.dnssec_ok),
      checking_disabled_(q.checking_disabled), recursion_desired_(q.recursion_desired) {}

  uint64_t hash() const noexcept { return hash_; }
  dns::name_view name() const noexcept { return name_; }      ///< lower-cased
  size_t octets() const noexcept { return name_.capacity(); } ///< beside the object itself

  /// The whole of it, never the hash alone: answering from an equal hash was CoreDNS's cache poisoning of 2022.
  bool matches(const cache_question& q) const noexcept {
    return hash_ == q.hash && type_ == q.type && qclass_ == q.qclass && dnssec_ok_ == q.dnssec_ok &&
           checking_disabled_ == q.checking_disabled && recursion_desired_ == q.recursion_desired &&
           std::ranges::equal(name_, q.name);
  }

private:
  std::vector<uint8_t> name_;
  uint64_t hash_;
  uint16_t type_;
  uint16_t qclass_;
  bool dnssec_ok_;
  bool checking_disabled_;
  bool recursion_desired_;
};

} // namespace troupe::net
