// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse_records.hpp"

#include "net/zone/address_set.hpp"
#include "net/zone/answer_parts.hpp"

namespace troupe::zone {

namespace {

/// The name that an address has in the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5).
dns::name reverse_name(const kube::address& address) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  if (address.v6) {
    for (size_t i = 16; i-- > 0;)
      text += {digits[address.octets[i] & 15], '.', digits[address.octets[i] >> 4], '.'};
    text += "ip6.arpa";
  } else {
    for (size_t i = 4; i-- > 0;)
      text += std::to_string(address.octets[i]) + ".";
    text += "in-addr.arpa";
  }
  return *dns::name::from_text(text);
}

} // namespace

bool is_reverse_zone(const dns::name& lowered) noexcept {
  static const dns::name v4 = *dns::name::from_text("in-addr.arpa"), v6 = *dns::name::from_text("ip6.arpa");
  return dns::is_subdomain(lowered.wire(), v4.wire()) || dns::is_subdomain(lowered.wire(), v6.wire());
}

/// As in cluster_records: the serial comes first.
zone_authority reverse_records::begin() {
  root_ = from_.names.snapshot();
  addresses_ = from_.addresses.snapshot();
  world_.emplace(answer_context{from_.options, *root_, *addresses_});
  apex_.begin(*world_, false);
  return apex_records::authority(*world_);
}

zone_records::step reverse_records::next(zone_record& out) {
  if (apex_.next(out))
    return step::record;
  if (const auto target = pointers_ ? pointers_->next() : std::nullopt) {
    out.owner = owner_;
    out.type = dns::rrtype::ptr;
    out.ttl = from_.options.ttl;
    said_ = *target;
    out.name = said_.wire();
    return step::record;
  }
  pointers_.reset();
  if (!of_bucket_.empty())
    begin_address();
  else if (bucket_ == addresses_->buckets())
    return step::end;
  else
    read_bucket(bucket_++);
  return step::working;
}

void reverse_records::begin_address() {
  const kube::address address = of_bucket_.back();
  of_bucket_.pop_back();
  const dns::name whole = reverse_name(address);
  if (!dns::is_subdomain(whole.wire(), zone_.wire()))
    return;
  owner_.clear();
  owner_.add(whole.wire().first(whole.size() - zone_.size()));
  pointers_.emplace(address, *world_);
}

/// All rows of an address are in one bucket.
void reverse_records::read_bucket(size_t at) {
  address_set seen;
  addresses_->for_each_in(at, [&](const reverse_view& row) {
    if (row.type != reverse_row::kind::external && seen.insert(row.address).second)
      of_bucket_.push_back(row.address);
  });
}

} // namespace troupe::zone
