// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe::zone {

/// What a zone transfer says of a zone's apex: its SOA's fields, an NS for each name server, and their addresses. A
/// zone without any server that is known by an address still has an NS (RFC 1034 section 4.2.1): `ns.dns`, as its SOA
/// says.
class apex_records {
public:
  static zone_authority authority(const answer_context& w) noexcept;

  /// Takes the servers as they are now. `services_follow`: addresses of services that the zone shows are left to those.
  void begin(const answer_context& w, bool services_follow);
  /// False: that was all.
  bool next(zone_record& out);

private:
  struct server {
    std::vector<uint8_t> labels;
    std::vector<kube::address> addresses; ///< those to be said here
  };

  uint32_t ttl_ = 0;
  std::vector<server> servers_;
  size_t server_ = 0, address_ = 0;
  bool addresses_now_ = false;
};

} // namespace troupe::zone
