// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/apex_records.hpp"
#include "net/zone/cluster_records.hpp"
#include "net/zone/pointers.hpp"

namespace troupe::zone {

/// The records of a reverse zone: NS and what they need, and the PTR of every address of the cluster that is in the
/// zone. What it is made from must outlive it. Thread: one.
class reverse_records final : public zone_records {
public:
  /// `zone`: lower-case, in-addr.arpa, ip6.arpa or below one of the two.
  reverse_records(const zone_tables& from, const dns::name& zone) : from_(from), zone_(zone) {}

  zone_authority begin() override;
  step next(zone_record& out) override;

private:
  void read_bucket(size_t at);
  void begin_address();

  zone_tables from_;
  dns::name zone_;
  root_ptr root_;
  reverse_table_ptr addresses_;
  std::optional<answer_context> world_; ///< of the two
  apex_records apex_;
  size_t bucket_ = 0;                    ///< the next to be read
  std::vector<kube::address> of_bucket_; ///< still to be said
  std::optional<pointers> pointers_;     ///< of the address that is being said
  label_string owner_;                   ///< its name
  dns::name said_;                       ///< target of the record given out last
};

/// True for in-addr.arpa, ip6.arpa and zones below one of them.
bool is_reverse_zone(const dns::name& lowered) noexcept;

} // namespace troupe::zone
