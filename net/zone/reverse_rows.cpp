// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse_rows.hpp"

#include <algorithm>
#include <compare>

namespace troupe::zone {

namespace {

/// A row before it is made: views into the records.
struct sketch {
  std::array<uint8_t, 17> key;
  bool cluster_ip;
  std::string_view hostname, pod;
  auto operator<=>(const sketch&) const = default;
};

std::vector<sketch> sketches(const service_records* records) {
  std::vector<sketch> all;
  if (!records)
    return all;
  if (records->service())
    for (const kube::address& a : records->service()->cluster_ips)
      all.push_back({reverse_key(a), true, {}, {}});
  if (records->service() && records->service()->outside)
    for (const kube::address& a : records->service()->outside->addresses)
      all.push_back({external_key(a), false, {}, {}});
  for (const slice_part_ptr& s : records->slices())
    for (const endpoint_entry& e : s->endpoints)
      if (e.kind != endpoint_entry::family::fqdn)
        all.push_back({reverse_key(e.address()), false, s->hostname(e), s->pod(e)});
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

reverse_row make_row(const sketch& s, const std::shared_ptr<const reverse_owner>& owner) {
  reverse_row row{s.key, s.cluster_ip, owner, nullptr};
  if (!s.hostname.empty() || !s.pod.empty())
    row.names = std::make_shared<const reverse_names>(reverse_names{std::string{s.hostname}, std::string{s.pod}});
  return row;
}

} // namespace

void reverse_difference(const std::string& namespace_, const service_records* before, const service_records* after,
                        std::vector<reverse_change>& out) {
  const std::vector<sketch> old = sketches(before), now = sketches(after);
  std::vector<sketch> went, came;
  std::ranges::set_difference(old, now, std::back_inserter(went));
  std::ranges::set_difference(now, old, std::back_inserter(came));
  if (went.empty() && came.empty())
    return;
  const auto owner =
    std::make_shared<const reverse_owner>(reverse_owner{namespace_, (after ? after : before)->label()});
  for (const sketch& s : went)
    out.push_back({false, make_row(s, owner)});
  for (const sketch& s : came)
    out.push_back({true, make_row(s, owner)});
}

} // namespace troupe::zone
