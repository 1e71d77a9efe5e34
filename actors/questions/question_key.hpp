// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <algorithm>

namespace troupe {

/// What makes two questions one while they are in flight: name (case ignored), type, class, DO, options for upstreams,
/// those header bits that `flags` names, and whatever else the caller puts into `more`. Points to the question, which
/// must outlive it.
class question_key {
public:
  question_key(const dns::query& q, uint16_t flags, uint8_t more = 0)
    : question_(&q), flags_(q.flags & flags), more_(more) {}

  friend bool operator==(const question_key& a, const question_key& b) noexcept {
    const auto &q = *a.question_, &p = *b.question_;
    return a.flags_ == b.flags_ && a.more_ == b.more_ && q.qtype == p.qtype && q.data_class() == p.data_class() &&
           q.edns.dnssec_ok == p.edns.dnssec_ok && std::ranges::equal(q.name_lowered(), p.name_lowered()) &&
           std::ranges::equal(q.options(), p.options());
  }
  friend size_t hash_value(const question_key& k) noexcept {
    const auto options = k.question_->options();
    const size_t hash = size_t{k.question_->qname_hash} << 32 | size_t{k.question_->qtype} << 16 | k.flags_;
    return options.empty() ? hash : hash ^ size_t { dns::hash(options) } << 16;
  }

private:
  const dns::query* question_;
  uint16_t flags_;
  uint8_t more_;
};

inline constexpr uint16_t recursion_desired_bit = 0x0100, checking_disabled_bit = 0x0010;

} // namespace troupe
