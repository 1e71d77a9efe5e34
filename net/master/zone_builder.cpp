// SPDX-License-Identifier: Apache-2.0
#include "net/master/zone_builder.hpp"

#include "net/master/table_layout.hpp"

#include <algorithm>

namespace troupe::master {

namespace {

bool is_type(uint16_t type, dns::rrtype wanted) noexcept {
  return type == static_cast<uint16_t>(wanted);
}

constexpr uint16_t nsec3param = 51;

/// Lowers the names in the data of types whose names CoreDNS lowers.
void lower_names(uint16_t type, std::vector<uint8_t>& data) noexcept {
  size_t begin = 0, names = 1;
  switch (static_cast<dns::rrtype>(type)) {
  case dns::rrtype::ns:
  case dns::rrtype::cname:
    break;
  case dns::rrtype::soa:
    names = 2;
    break;
  case dns::rrtype::mx:
  case dns::rrtype::svcb:
  case dns::rrtype::https:
    begin = 2; // a number stands before it
    break;
  default:
    return;
  }
  for (size_t at = begin; names != 0 && at < data.size(); --names) {
    const size_t octets = dns::name_length(std::span{data}.subspan(at));
    dns::lower(std::span{data}.subspan(at, octets), &data[at]);
    at += octets;
  }
}

template <class Head>
uint8_t* put_head(uint8_t* to, const Head& head) noexcept {
  std::memcpy(to, &head, sizeof head);
  return to + sizeof head;
}

} // namespace

std::optional<std::string> zone_builder::add(const dns::record& r) {
  if (is_type(r.type, dns::rrtype::nsec3) || r.type == nsec3param)
    return "NSEC3 zone is not supported, dropping RR: " + r.owner.lowered().to_text() + " for zone: " + apex_.to_text();
  dns::record mine = r;
  lower_names(r.type, mine.data);
  if (is_type(r.type, dns::rrtype::soa)) {
    if (r.data.size() < 22) // two names and five numbers
      return "SOA record of zone " + apex_.to_text() + " is not well-formed";
    mine.owner = r.owner.lowered();
    soa_ = std::move(mine);
    has_soa_ = true;
    return std::nullopt;
  }
  const auto key = name_key::relative(r.owner.wire(), apex_.wire());
  if (!key)
    return std::nullopt;
  const record_head head{r.ttl, r.rrclass, static_cast<uint16_t>(mine.data.size())};
  if (octets_.size() + key->octets().size() + sizeof head + mine.data.size() > max_zone_octets)
    return "zone " + apex_.to_text() + " has more than " + std::to_string(max_zone_octets) + " octets";
  pending_.push_back({static_cast<uint32_t>(octets_.size()), static_cast<uint16_t>(key->octets().size()), r.type});
  octets_.insert(octets_.end(), key->octets().begin(), key->octets().end());
  const auto* const raw = reinterpret_cast<const uint8_t*>(&head);
  octets_.insert(octets_.end(), raw, raw + sizeof head);
  octets_.insert(octets_.end(), mine.data.begin(), mine.data.end());
  return std::nullopt;
}

/// Packs the records of one name, or says how many octets that takes if `to` is null.
size_t zone_builder::pack_name(std::span<const pending> records, uint8_t* to) const {
  const auto record_at = [&](const pending& p) { return &octets_[p.at + p.key_octets]; };
  const auto record_octets = [&](const pending& p) {
    return sizeof(record_head) + load<record_head>(record_at(p)).octets;
  };
  size_t sets = 0;
  for (size_t i = 0; i < records.size(); ++i)
    sets += record_octets(records[i]) + (i == 0 || records[i].type != records[i - 1].type ? sizeof(set_head) : 0);
  const uint16_t key_octets = records.empty() ? uint16_t{0} : records[0].key_octets;
  const size_t whole = sizeof(name_head) + key_octets + sets;
  if (!to)
    return whole;
  to = put_head(to, name_head{static_cast<uint32_t>(sets), key_octets});
  if (!records.empty())
    to = std::ranges::copy(key_of(records[0]), to).out;
  for (size_t i = 0; i < records.size();) {
    size_t end = i, octets = 0;
    for (; end < records.size() && records[end].type == records[i].type; ++end)
      octets += record_octets(records[end]);
    to = put_head(to, set_head{static_cast<uint32_t>(octets), records[i].type});
    for (; i < end; ++i)
      to = std::copy_n(record_at(records[i]), record_octets(records[i]), to);
  }
  return whole;
}

zone_table_ptr zone_builder::finish() {
  std::sort(pending_.begin(), pending_.end(), [this](const pending& a, const pending& b) {
    const auto left = key_of(a), right = key_of(b);
    if (!std::ranges::equal(left, right))
      return key_less(left, right);
    return a.type != b.type ? a.type < b.type : a.at < b.at;
  });
  auto out = std::make_shared<zone_table>();
  out->apex_ = apex_;
  out->soa_ = std::move(soa_);
  out->records_ = pending_.size() + 1;
  std::vector<std::span<const pending>> names;
  if (pending_.empty() || pending_[0].key_octets != 0)
    names.emplace_back(); // the apex is there whatever it has
  for (size_t begin = 0, end = 0; begin < pending_.size(); begin = end) {
    while (end < pending_.size() && std::ranges::equal(key_of(pending_[begin]), key_of(pending_[end])))
      ++end;
    names.push_back(std::span{pending_}.subspan(begin, end - begin));
  }
  for (const auto& each : names)
    out->size_ += pack_name(each, nullptr);
  out->octets_ = std::make_unique_for_overwrite<uint8_t[]>(out->size_);
  out->names_.reserve(names.size());
  size_t at = 0;
  for (const auto& each : names) {
    out->names_.push_back(static_cast<uint32_t>(at));
    at += pack_name(each, out->octets_.get() + at);
  }
  out->has_cuts_ = std::ranges::any_of(pending_, [](const pending& p) {
    return is_type(p.type, dns::rrtype::dname) || (is_type(p.type, dns::rrtype::ns) && p.key_octets != 0);
  });
  return out;
}

} // namespace troupe::master
