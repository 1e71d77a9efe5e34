// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <cstring>
#include <vector>

namespace troupe::net {

/// What two queries must have in common to share an answer: name (case ignored), type, class, RD, DO and CD. Without RD
/// a resolver says what it happens to know, often a referral or nothing, which is no answer for who wants one found. So
/// are the options that upstreams are asked with. No part of it is the client: neither address nor subnet, unless those
/// options say it. Seen from outside, so that looking up allocates nothing; name and options must outlive it.
struct cache_question {
  dns::name_view name; ///< whole, lower-cased, wire form
  uint16_t type = 0;
  uint16_t qclass = 0;
  bool dnssec_ok = false;
  bool checking_disabled = false;
  bool recursion_desired = true;
  uint64_t hash = 0;                             ///< of all parts
  const std::vector<uint8_t>* options = nullptr; ///< query::upstream_options

  /// Of a query that was parsed: it holds the lowered name and its hash already.
  static cache_question of(const dns::query& q) noexcept;
};

/// The same, owned by an entry.
class cache_key {
public:
  explicit cache_key(const cache_question& q)
    : octets_(q.name.begin(), q.name.end()), hash_(q.hash), type_(q.type), qclass_(q.qclass),
      name_octets_(static_cast<uint8_t>(q.name.size())), dnssec_ok_(q.dnssec_ok),
      checking_disabled_(q.checking_disabled), recursion_desired_(q.recursion_desired) {
    if (q.options)
      octets_.insert(octets_.end(), q.options->begin(), q.options->end());
  }

  uint64_t hash() const noexcept { return hash_; }
  dns::name_view name() const noexcept { return {octets_.data(), name_octets_}; } ///< lower-cased
  size_t octets() const noexcept { return octets_.capacity(); }                   ///< beside the object itself

  /// The whole of it, never the hash alone: answering from an equal hash was CoreDNS's cache poisoning of 2022. A name
  /// in wire form says where it ends, so one octet string cannot be two names.
  bool matches(const cache_question& q) const noexcept {
    return hash_ == q.hash && type_ == q.type && qclass_ == q.qclass && dnssec_ok_ == q.dnssec_ok &&
           checking_disabled_ == q.checking_disabled && recursion_desired_ == q.recursion_desired && has_octets(q);
  }

private:
  bool has_octets_and_options(const cache_question& q) const noexcept;
  bool has_octets(const cache_question& q) const noexcept {
    if (q.options) [[unlikely]]
      return has_octets_and_options(q);
    return octets_.size() == q.name.size() && std::memcmp(octets_.data(), q.name.data(), q.name.size()) == 0;
  }

  std::vector<uint8_t> octets_; ///< of the name, then of the options
  uint64_t hash_;
  uint16_t type_;
  uint16_t qclass_;
  uint8_t name_octets_;
  bool dnssec_ok_;
  bool checking_disabled_;
  bool recursion_desired_;
};

} // namespace troupe::net
