// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <string>

namespace troupe {

/// What makes two questions one while they are in flight: name (lower-cased), type, class, DO, those header bits that
/// `flags` names, and whatever else the caller puts into `more`.
inline std::string question_key(const dns::query& q, uint16_t flags, uint8_t more = 0) {
  const auto name = q.name_lowered();
  std::string key{name.begin(), name.end()};
  const unsigned bits = q.flags & flags, type = q.qtype, rrclass = q.qclass;
  for (unsigned octet : {type >> 8, type & 255, rrclass >> 8, rrclass & 255, bits >> 8, bits & 255})
    key.push_back(static_cast<char>(octet));
  key.push_back(static_cast<char>(q.edns.dnssec_ok));
  key.push_back(static_cast<char>(more));
  return key;
}

inline constexpr uint16_t recursion_desired_bit = 0x0100, checking_disabled_bit = 0x0010;

} // namespace troupe
