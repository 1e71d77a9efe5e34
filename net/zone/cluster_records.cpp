// SPDX-License-Identifier: Apache-2.0
#include "net/zone/cluster_records.hpp"

#include "net/zone/answer_parts.hpp"

#include <utility>

namespace troupe::zone {

/// The serial before the tables: those may be newer than what it stands for, never older, so a client that has them
/// comes again and never misses anything.
zone_authority cluster_records::begin() {
  root_ = from_.names.snapshot();
  const reverse_table_ptr addresses = from_.addresses.snapshot();
  const answer_context w{from_.options, *root_, *addresses};
  apex_.begin(w, true);
  services_.add_exposed(*root_, from_.options, from_.imported);
  return apex_records::authority(w);
}

zone_records::step cluster_records::next(zone_record& out) {
  if (!sorted_) {
    sorted_ = !services_.prepare();
    return step::working;
  }
  if (apex_.next(out))
    return step::record;
  if (std::exchange(version_, false)) {
    out.owner = label_string{std::string_view{"dns-version"}};
    out.type = dns::rrtype::txt;
    out.ttl = specification_ttl;
    out.text = specification;
    return step::record;
  }
  return next_service(out);
}

zone_records::step cluster_records::next_service(zone_record& out) {
  if (service_)
    if (const step made = service_->next(out); made != step::end)
      return made;
  const auto found = services_.next();
  if (!found)
    return step::end;
  service_.emplace(*found->records, found->home->name, from_.options, from_.imported);
  const step made = service_->next(out);
  return made == step::end ? step::working : made;
}

} // namespace troupe::zone
