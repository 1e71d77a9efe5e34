// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/response.hpp"
#include "net/zone/options.hpp"

#include <algorithm>

/// What is said in the SOA of every zone that is made up here (RFC 1035 section 3.3.13), in answers and in transfers
/// alike: CoreDNS's numbers, reference 1.4. Seconds.
namespace troupe::zone {

inline constexpr uint8_t soa_mname[] = {2, 'n', 's', 3, 'd', 'n', 's'}; ///< before the zone, as the next
inline constexpr uint8_t soa_rname[] = {10, 'h', 'o', 's', 't', 'm', 'a', 's', 't', 'e', 'r'};

/// TTL of the SOA itself.
inline uint32_t soa_ttl(const options& options) noexcept {
  constexpr uint32_t longest = 300;
  return options.external ? options.external->ttl : std::min(options.ttl, longest);
}

/// How long a denial holds (RFC 2308 section 5).
inline uint32_t soa_minimum(const options& options) noexcept {
  return options.external ? options.external->ttl : options.ttl;
}

inline dns::soa_fields soa_of(dns::name_ref mname, dns::name_ref rname, uint32_t serial, uint32_t minimum) noexcept {
  return {.mname = mname,
          .rname = rname,
          .serial = serial,
          .refresh = 7200,
          .retry = 1800,
          .expire = 86400,
          .minimum = minimum};
}

} // namespace troupe::zone
