// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer_parts.hpp"

/// What the answers of `k8s_external` share; not for use outside net/zone.
namespace troupe::zone {

/// Labels and a zone put together for a name in wire form without root. As in CoreDNS names that are made up have the
/// zone in lower case, however the client spelled it.
class external_name {
public:
  explicit external_name(const question& q) noexcept : q_(q) {}

  external_name& add(std::string_view label) noexcept;
  external_name& add(dotted labels) noexcept;
  external_name& add_run(dns::name_view labels) noexcept;

  /// True if it makes a name of legal length with the question's zone.
  bool fits() const noexcept { return !over_ && fits_zone(q_, labels()); }
  /// Of a name that fits: valid as long as this.
  dns::name_ref in_lower_zone() noexcept;
  /// The same with the zone as the client spelled it.
  dns::name_ref in_asked_zone() const noexcept { return in_zone(q_, labels()); }

private:
  dns::name_view labels() const noexcept { return {octets_.data(), size_}; }

  const question& q_;
  std::array<uint8_t, dns::max_name_octets> octets_;
  size_t size_ = 0;
  bool over_ = false;
};

/// `ns1` or `hostmaster` below the apex label.
inline external_name below_apex(const question& q, const answer_context& w, std::string_view label) noexcept {
  external_name made{q};
  const dns::name& apex = w.options.external->apex;
  made.add(label).add_run(apex.wire().first(apex.size() - 1));
  return made;
}

} // namespace troupe::zone
