// SPDX-License-Identifier: Apache-2.0
#include "net/zone/external_records.hpp"

#include "net/zone/answer_parts.hpp"
#include "net/zone/soa.hpp"

#include <limits>

namespace troupe::zone {

/// As in cluster_records: the serial comes first.
zone_authority external_records::begin() {
  root_ = from_.names.snapshot();
  const reverse_table_ptr addresses = from_.addresses.snapshot();
  servers_ =
    external_server_addresses({from_.options, *root_, *addresses}, any_address, std::numeric_limits<size_t>::max());
  services_.add_exposed(*root_, from_.options, false);
  zone_authority out;
  out.serial = root_->serial;
  out.ttl = soa_ttl(from_.options);
  out.minimum = soa_minimum(from_.options);
  out.primary = below_apex("ns1");
  out.mailbox = below_apex("hostmaster");
  return out;
}

label_string external_records::below_apex(std::string_view label) const noexcept {
  const dns::name_view apex = from_.options.external->apex.wire();
  label_string out{label};
  out.add(apex.first(apex.size() - 1));
  return out;
}

zone_records::step external_records::next(zone_record& out) {
  if (!sorted_) {
    sorted_ = !services_.prepare();
    return step::working;
  }
  if (next_of_apex(out))
    return step::record;
  if (service_)
    if (const step made = service_->next(out); made != step::end)
      return made;
  const auto found = services_.next();
  if (!found)
    return step::end;
  service_.emplace(*found->records, found->home->name, from_.options, zone_.wire());
  const step made = service_->next(out);
  return made == step::end ? step::working : made;
}

bool external_records::next_of_apex(zone_record& out) {
  if (apex_ > servers_.size())
    return false;
  out.owner.clear();
  out.ttl = from_.options.external->ttl;
  if (apex_ == 0) {
    out.type = dns::rrtype::ns;
    out.target = below_apex("ns1");
  } else {
    out.address = servers_[apex_ - 1];
    out.type = out.address.v6 ? dns::rrtype::aaaa : dns::rrtype::a;
    out.owner = below_apex("ns1");
  }
  ++apex_;
  return true;
}

} // namespace troupe::zone
