// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/options.hpp"
#include "net/zone/service_records.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe::zone {

/// True if the port has a name of its own in a zone: `_http._tcp`.
inline bool has_own_name(const port_record& port) noexcept {
  return !port.name.empty() && port.proto != port_record::protocol::none;
}

/// What zone transfers of all kinds say alike of one service: the addresses of its own name, then endpoint by endpoint
/// the addresses of theirs; each record once. Not for use outside net/zone. What it is made from must outlive it.
/// Thread: one.
class service_walk {
protected:
  /// `own`: the labels of the service's name before the zone. `address_ttl`: of A and AAAA, all else has `how.ttl`.
  service_walk(const service_records& of, const label_string& own, const options& how, uint32_t address_ttl) noexcept
    : of_(of), own_(own), how_(how), address_ttl_(address_ttl) {}

  void begin(zone_record& out, dns::rrtype type) const noexcept;
  void begin_srv(zone_record& out, const port_record& port, size_t weight) const noexcept;

  /// The next address of the service's own name: of cluster IPs or endpoints; names of an FQDN slice stand there only
  /// if there is no address, and then one alone (RFC 2181 section 10.1).
  bool own_address(zone_record& out);
  /// Wire form of what the service's own name is an alias of; empty: it is none.
  dns::name_view own_alias() const noexcept;

  // The endpoint at hand: all of them one after another.
  bool at_endpoint() noexcept; ///< false: those were all
  void next_endpoint() noexcept { ++entry_; }
  const slice_part& slice() const noexcept { return *of_.slices()[slice_]; }
  const endpoint_entry& entry() const noexcept { return slice().endpoints[entry_]; }
  label_string name_of_endpoint() const noexcept; ///< empty: it has none
  std::vector<endpoint_ref> of_same_name() const;
  /// The first time its name has this address; or, as an alias, the only record of it.
  bool endpoint_address(zone_record& out) const;
  bool is_alias_endpoint() const; ///< it stands for a name, and no endpoint of its name for an address
  /// True if an endpoint before the one at hand has the same name, and `same(slice, entry)` says so of it.
  template <class Same>
  bool said_before(Same&& same) const;

  const service_records& of_;
  const label_string own_;
  const options& how_;

private:
  std::string_view label(label_buffer& buffer) const noexcept {
    return endpoint_label(slice(), entry(), how_.endpoint_pod_names, buffer);
  }

  uint32_t address_ttl_;
  size_t address_ = 0;
  size_t slice_ = 0, entry_ = 0;
};

template <class Same>
bool service_walk::said_before(Same&& same) const {
  const auto named = of_same_name();
  return std::any_of(named.begin(), named.end(), [&](endpoint_ref at) {
    const bool before = at.slice < slice_ || (at.slice == slice_ && at.entry < entry_);
    return before && same(of_.slice(at), of_.entry(at));
  });
}

} // namespace troupe::zone
