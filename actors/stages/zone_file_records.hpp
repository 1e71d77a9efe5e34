// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/master/zone_table.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe {

/// The records of a table, for `transfer`: name by name in canonical order. Keeps the table. Thread: the loop's.
class zone_file_records final : public zone::zone_records {
public:
  explicit zone_file_records(master::zone_table_ptr from) : zone_(std::move(from)) {}

  zone::zone_authority begin() override;
  step next(zone::zone_record& out) override;

private:
  bool next_record() noexcept;

  const master::zone_table_ptr zone_;
  uint32_t name_ = 0;       ///< of the table
  size_t set_ = 0;          ///< behind the current set of the name
  master::record_set left_; ///< of the current set
};

} // namespace troupe
