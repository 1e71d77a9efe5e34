// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse_rows.hpp"

#include <algorithm>
#include <bitset>
#include <compare>
#include <cstring>

namespace troupe::zone {

namespace {

/// A row before it is made: views into the records.
struct sketch {
  kube::address address;
  reverse_row::kind type;
  std::string_view hostname, pod;
  auto operator<=>(const sketch&) const = default;
};

sketch sketch_of(const slice_part& slice, const endpoint_entry& e) {
  return {slice.address(e), reverse_row::kind::endpoint, slice.hostname(e), slice.pod(e)};
}

/// Without the slices that are also in `shared`, sorted, each once.
std::vector<sketch> sketches(const service_records* records, const std::vector<const slice_part*>& shared) {
  std::vector<sketch> all;
  if (!records)
    return all;
  if (records->service())
    for (const kube::address& a : records->service()->cluster_ips)
      all.push_back({a, reverse_row::kind::cluster_ip, {}, {}});
  if (records->service() && records->service()->outside)
    for (const kube::address& a : records->service()->outside->addresses)
      all.push_back({a, reverse_row::kind::external, {}, {}});
  for (const slice_part_ptr& s : records->slices())
    if (!std::ranges::binary_search(shared, s.get()))
      for (const endpoint_entry& e : s->endpoints)
        if (e.kind != endpoint_entry::family::fqdn)
          all.push_back(sketch_of(*s, e));
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<const slice_part*> sorted_slices(const service_records* records) {
  std::vector<const slice_part*> all;
  if (records)
    for (const slice_part_ptr& s : records->slices())
      all.push_back(s.get());
  std::ranges::sort(all);
  return all;
}

/// The slices that both have: a change of one slice of a big service leaves all others.
std::vector<const slice_part*> shared_slices(const service_records* before, const service_records* after) {
  const auto old = sorted_slices(before), now = sorted_slices(after);
  std::vector<const slice_part*> both;
  std::ranges::set_intersection(old, now, std::back_inserter(both));
  return both;
}

/// Tells quickly of most addresses that they are not among a few.
class rough_filter {
public:
  void add(const sketch& s) { bits_.set(place(s.address)); }
  bool may_have(const kube::address& a) const { return bits_.test(place(a)); }

private:
  static constexpr unsigned bits = 12;

  static size_t place(const kube::address& a) noexcept {
    uint64_t parts[2];
    std::memcpy(parts, a.octets.data(), sizeof parts);
    return static_cast<size_t>((parts[0] ^ (parts[1] * 0xbf58476d1ce4e5b9u)) * 0x9e3779b97f4a7c15u >> (64 - bits));
  }

  std::bitset<size_t{1} << bits> bits_;
};

/// Takes out of both what an unchanged slice says as well: such a row neither comes nor goes.
void take_out_what_stays(const std::vector<const slice_part*>& shared, std::vector<sketch>& went,
                         std::vector<sketch>& came) {
  rough_filter filter;
  for (const auto* rows : {&went, &came})
    for (const sketch& s : *rows)
      filter.add(s);
  std::vector<sketch> stays;
  for (const slice_part* slice : shared)
    for (const endpoint_entry& e : slice->endpoints) {
      if (e.kind == endpoint_entry::family::fqdn || !filter.may_have(slice->address(e)))
        continue;
      const sketch one = sketch_of(*slice, e);
      if (std::ranges::binary_search(went, one) || std::ranges::binary_search(came, one))
        stays.push_back(one);
    }
  std::ranges::sort(stays);
  for (auto* rows : {&went, &came})
    std::erase_if(*rows, [&](const sketch& s) { return std::ranges::binary_search(stays, s); });
}

reverse_row make_row(const sketch& s, const compact_ptr<reverse_owner>& owner) {
  reverse_row row{owner, nullptr, s.address, s.type};
  if (!s.hostname.empty() || !s.pod.empty())
    row.names = compact_ptr<reverse_names>::make({std::string{s.hostname}, std::string{s.pod}});
  return row;
}

} // namespace

void reverse_difference(const std::string& namespace_, const service_records* before, const service_records* after,
                        std::vector<reverse_change>& out) {
  const auto shared = shared_slices(before, after);
  const std::vector<sketch> old = sketches(before, shared), now = sketches(after, shared);
  std::vector<sketch> went, came;
  std::ranges::set_difference(old, now, std::back_inserter(went));
  std::ranges::set_difference(now, old, std::back_inserter(came));
  if (went.empty() && came.empty())
    return;
  if (!shared.empty())
    take_out_what_stays(shared, went, came);
  const auto owner = compact_ptr<reverse_owner>::make({namespace_, (after ? after : before)->label()});
  for (const sketch& s : went)
    out.push_back({false, make_row(s, owner)});
  for (const sketch& s : came)
    out.push_back({true, make_row(s, owner)});
}

} // namespace troupe::zone
