// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/cluster_records.hpp"
#include "net/zone/external_cursor.hpp"

#include <optional>

namespace troupe::zone {

/// The records of a zone of `k8s_external`: NS `ns1` below the apex label and its addresses, then what the exposed
/// services are from outside, by name. What it is made from must outlive it. Thread: one.
class external_records final : public zone_records {
public:
  /// `zone`: lower-case, no reverse zone.
  external_records(const zone_tables& from, const dns::name& zone) : from_(from), zone_(zone) {}

  zone_authority begin() override;
  step next(zone_record& out) override;

private:
  label_string below_apex(std::string_view label) const noexcept;
  bool next_of_apex(zone_record& out);

  zone_tables from_;
  dns::name zone_;
  root_ptr root_;
  std::vector<kube::address> servers_;
  size_t apex_ = 0; ///< 0: NS, then one more than the address
  sorted_services services_;
  bool sorted_ = false;
  std::optional<external_cursor> service_;
};

} // namespace troupe::zone
