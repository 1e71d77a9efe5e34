// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer_parts.hpp"

namespace troupe::zone {

/// What one service holds for one question of form `service`. Not for use outside net/zone.
class service_view {
public:
  service_view(const service_records& records, const question& q, const options& how) noexcept
    : records_(records), q_(q), how_(how) {}

  const service_records& records() const noexcept { return records_; }

  /// The Service object is there and `ignore empty_service` does not hide it.
  bool served() const noexcept {
    if (!records_.service())
      return false;
    // A cluster IP lies in no zone.
    if (q_.front == question::topology_zone && records_.type() != kube::service::kind::headless)
      return false;
    const bool empty = no_endpoints() || !records_.has_endpoints();
    return !(how_.ignore_empty_service && empty && records_.type() == kube::service::kind::cluster_ip);
  }

  bool is_external() const noexcept { return records_.type() == kube::service::kind::external_name; }
  /// The alias an ExternalName service is; null if the question goes below it or it stands for no name.
  const dns::name* alias() const noexcept {
    const bool any_port = q_.front == 2 && q_.port().empty() && q_.protocol().empty(); // `_._.<service>`
    return q_.front == 0 || any_port ? records_.service()->external.get() : nullptr;
  }

  /// The answer comes from endpoints rather than from cluster IPs.
  bool from_endpoints() const noexcept { return names_endpoint() || records_.type() == kube::service::kind::headless; }

  /// All of the service's own addresses answer, without a closer look.
  bool whole() const noexcept { return q_.front == 0 || (q_.front == 2 && !from_endpoints()); }

  bool exists() const;

  /// How many of `ports` match; a missing list counts as one port without name and number.
  size_t matching(std::span<const port_record> ports) const noexcept;

  /// The endpoints that the question means, in order.
  std::vector<endpoint_ref> endpoints() const;

private:
  bool names_endpoint() const noexcept { return q_.front == 1 || q_.front == question::endpoint_and_cluster; }
  /// `noendpoints` is about this cluster's own.
  bool no_endpoints() const noexcept { return how_.noendpoints && !q_.imported; }
  std::vector<endpoint_ref> in_topology_zone(bool any) const;
  /// `_zone.<service>`, `pin._zone.<service>`: above names of topology zones.
  bool above_zones() const noexcept;
  /// The endpoint's label is a protocol that ports below it have.
  bool above_ports() const noexcept;

  const service_records& records_;
  const question& q_;
  const options& how_;
};

/// SRV questions of form `service` for a service that is no alias.
outcome answer_srv(const service_view& view, const question& q, const world& w, std::string_view namespace_,
                   dns::response& out);

} // namespace troupe::zone
