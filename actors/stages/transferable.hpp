// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/zone_records.hpp"

namespace troupe {

/// A stage whose zones `transfer` can give to others: `kubernetes`, `k8s_external`. Names are whole and lower-case.
/// What it gives out may point into the stage, which lives as long as the plan of the slot's batch. Thread: the loop's.
class transferable {
public:
  virtual ~transferable() = default;
  /// The records of a zone; null if `zone` is none of the stage's, be it that it stands below one.
  virtual std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const = 0;
  /// True if `name` is in one of its zones.
  virtual bool holds(dns::name_view name) const = 0;
  /// False: not all of it is known yet, and a secondary would take names away that are there.
  virtual bool complete() const = 0;
};

} // namespace troupe
