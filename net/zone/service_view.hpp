// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer_parts.hpp"
#include "net/zone/effort.hpp"

namespace troupe::zone {

/// What one service holds for one question of form `service`. Not for use outside net/zone.
class service_view {
public:
  service_view(const service_records& records, const question& q, const options& options) noexcept
    : records_(records), q_(q), options_(options) {}

  const service_records& records() const noexcept { return records_; }

  /// The Service object is there and `ignore empty_service` does not hide it.
  bool served() const noexcept {
    if (!records_.service())
      return false;
    // A cluster IP lies in no zone.
    if (q_.front == question::topology_zone && records_.type() != kube::service::kind::headless)
      return false;
    const bool empty = no_endpoints() || !records_.has_endpoints();
    return !(options_.ignore_empty_service && empty && records_.type() == kube::service::kind::cluster_ip);
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

  /// As CoreDNS has it.
  bool exists() const;
  /// The name exists only for names below it, of ports or topology zones.
  bool implied() const;
  /// What is said where there is nothing of the type asked for.
  outcome without_data() const {
    return if_sure(exists() ? outcome::nodata : implied() ? outcome::implied : outcome::name_error);
  }

  /// The ports that the question means.
  port_filter ports() const noexcept { return {q_.port(), q_.protocol()}; }

  /// Calls `f(at)` for the endpoints that the question means and that are of `families`, in order, while it returns
  /// true; or until the question's effort is spent.
  template <class F>
  void visit(uint8_t families, F&& f) const;
  bool has_any() const;
  /// How many SRV those with an address make, each port of each endpoint counted; from `enough_rows` on it does not
  /// matter.
  size_t count_rows() const;

  /// What is left to this question.
  effort& work() const noexcept { return work_; }
  /// `found`, unless it was looked for in vain and not to the end.
  outcome if_sure(outcome found) const noexcept {
    const bool in_vain = found == outcome::nodata || found == outcome::implied || found == outcome::name_error;
    return work_.spent() && in_vain ? outcome::servfail : found;
  }

private:
  bool names_endpoint() const noexcept { return q_.front == 1 || q_.front == question::endpoint_and_cluster; }
  /// `noendpoints` is about this cluster's own.
  bool no_endpoints() const noexcept { return options_.noendpoints && !q_.imported; }
  /// Number of the topology zone asked for, among those of `slice`; 0: it has none in there.
  uint16_t zone_in(const slice_part& slice) const noexcept;
  bool is_zone_empty() const noexcept;
  /// `_zone.<service>`, `pin._zone.<service>`: above names of topology zones.
  bool above_zones() const noexcept;
  /// The endpoint's label is a protocol that ports below it have.
  bool above_ports() const noexcept;

  const service_records& records_;
  const question& q_;
  const options& options_;
  mutable effort work_;
  mutable std::optional<bool> has_any_;
  mutable uint16_t begins_in_ = 0; ///< the slice of the first that the question means
};

template <class F>
void service_view::visit(uint8_t families, F&& f) const {
  if (no_endpoints())
    return;
  const auto& slices = records_.slices();
  const auto each_slice = [&](auto&& positions) {
    for (size_t s = begins_in_; s < slices.size(); ++s) {
      const slice_part& slice = *slices[s];
      const auto one = [&](size_t i) {
        const bool meant = (bit_of(slice.endpoints[i].kind) & families) != 0;
        return !meant || (work_.spend() && f(endpoint_ref{static_cast<uint16_t>(s), static_cast<uint16_t>(i)}));
      };
      if (!work_.spend() || ((slice.families & families) != 0 && !positions(slice, one)))
        return;
    }
  };
  if (names_endpoint()) {
    endpoint_search search{q_.endpoint(), options_.endpoint_pod_names};
    each_slice([&](const slice_part& slice, auto& one) {
      const bool meant = !q_.imported || slice.cluster() == q_.cluster();
      return !meant || std::ranges::all_of(search.in(slice), one);
    });
  } else if (q_.front == question::topology_zone) {
    const bool all = q_.prefers() && is_zone_empty();
    each_slice([&](const slice_part& slice, auto& one) {
      const uint16_t zone = all ? uint16_t{0} : zone_in(slice);
      for (size_t i = 0; (all || zone != 0) && i < slice.endpoints.size(); ++i)
        if ((all || slice.extras->zone_number(i) == zone) && !one(i))
          return false;
      return true;
    });
  } else {
    const port_filter wanted = ports();
    const slice_part* before = nullptr; // mostly all have the same list
    bool meant = false;
    each_slice([&](const slice_part& slice, auto& one) {
      if (!before || !slice.ports.shares(before->ports)) {
        work_.spend(slice.ports.size() / compared_at_a_look);
        meant = wanted.count(slice.ports) != 0;
      }
      before = &slice;
      for (size_t i = 0; meant && i < slice.endpoints.size(); ++i)
        if (!one(i))
          return false;
      return true;
    });
  }
}

/// SRV questions of form `service` for a service that is no alias.
outcome answer_srv(const service_view& view, const question& q, const answer_context& w, std::string_view namespace_,
                   dns::response& out);

} // namespace troupe::zone
