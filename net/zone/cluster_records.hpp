// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/apex_records.hpp"
#include "net/zone/service_cursor.hpp"
#include "net/zone/sorted_services.hpp"

namespace troupe::zone {

/// Where the records of a zone come from.
struct zone_tables {
  const zone::options& options;
  const published<root>& names;
  const published<reverse_table>& addresses;
  bool imported = false; ///< the zone is one of `multicluster`: its names stand for ServiceImports
};

/// The records of a zone of a `kubernetes` block: NS and what they need, `dns-version`, then all exposed services by
/// name. Names made up from the question, of pods and of endpoints behind a cluster IP, are not among them. What it is
/// made from must outlive it. Thread: one.
class cluster_records final : public zone_records {
public:
  explicit cluster_records(const zone_tables& from) : from_(from) {}

  zone_authority begin() override;
  step next(zone_record& out) override;

private:
  step next_service(zone_record& out);

  zone_tables from_;
  root_ptr root_;
  apex_records apex_;
  bool version_ = true; ///< it is still to be said
  sorted_services services_;
  bool sorted_ = false;
  std::optional<service_cursor> service_;
};

} // namespace troupe::zone
