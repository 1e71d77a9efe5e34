// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_file_records.hpp"

namespace troupe {

zone::zone_authority zone_file_records::begin() {
  zone::zone_authority out;
  out.serial = zone_->serial();
  out.ttl = zone_->soa().ttl;
  out.raw = zone_->soa().data;
  return out;
}

/// Moves to the next set that has records, of this name or one behind it; false at the end.
bool zone_file_records::next_record() noexcept {
  for (; name_ != zone_->size(); ++name_, set_ = 0)
    if (left_ || (*zone_)[name_].next_set(set_, left_))
      return true;
  return false;
}

zone::zone_records::step zone_file_records::next(zone::zone_record& out) {
  if (!next_record())
    return step::end;
  const dns::name owner = master::name_of_key((*zone_)[name_].key(), zone_->apex());
  out.owner.clear();
  out.owner.add(owner.wire().first(owner.size() - zone_->apex().size()));
  out.type = static_cast<dns::rrtype>(left_.type());
  const master::table_record record = left_.take();
  out.ttl = record.ttl;
  out.raw = record.data;
  out.rrclass = record.rrclass;
  out.is_raw = true;
  return step::record;
}

} // namespace troupe
