// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/master/zone_table.hpp"

#include <string>

namespace troupe::master {

/// Octets of one zone's records at most, while they are put in order.
inline constexpr size_t max_zone_octets = size_t{1} << 30;

/// Puts records in order. As in CoreDNS names in the data of NS, SOA, CNAME, MX, SVCB and HTTPS become lower-case, of
/// several SOAs the last one counts, whoever owns it, and NSEC3 is refused. Records outside of the zone are left out
/// (CoreDNS keeps them, where almost nothing finds them). Thread: one.
class zone_builder {
public:
  explicit zone_builder(const dns::name& apex) : apex_(apex.lowered()) {}

  /// What is wrong with the record in CoreDNS's words, or nothing.
  std::optional<std::string> add(const dns::record& r);

  bool has_soa() const noexcept { return has_soa_; }
  /// The table of what was added, once; there must be an SOA.
  zone_table_ptr finish();

private:
  struct pending {
    uint32_t at; ///< in octets_: key, then head and data
    uint16_t key_octets;
    uint16_t type;
  };

  std::span<const uint8_t> key_of(const pending& p) const noexcept { return {&octets_[p.at], p.key_octets}; }
  size_t pack_name(std::span<const pending> records, uint8_t* to) const;

  const dns::name apex_;
  dns::record soa_;
  bool has_soa_ = false;
  std::vector<uint8_t> octets_;
  std::vector<pending> pending_;
};

} // namespace troupe::master
