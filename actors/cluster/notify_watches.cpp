// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/notify_watches.hpp"

#include "net/zone/reverse_records.hpp"

#include <algorithm>

namespace troupe {

void notify_watches::watch(std::vector<notify_watch> all) {
  std::lock_guard lock{mutex_};
  all_.swap(all);
}

std::vector<notify_watch> notify_watches::all() const {
  std::lock_guard lock{mutex_};
  return all_;
}

void watch_zone(const config::server_block& block, const dns::name& zone, std::shared_ptr<const numbered> from,
                std::vector<notify_watch>& out) {
  const auto* const use = config::find_transfer(block.transfer, zone.wire());
  if (!use || use->to.empty())
    return;
  auto& made =
    out.emplace_back(notify_watch{zone, std::move(from), {}, net::socket_address::from_text(use->source, 0)});
  for (const auto& each : use->to)
    if (const auto address = net::socket_address::from_text(each.host, each.port))
      made.to.push_back(*address);
}

std::vector<notify_watch> watches_of(const config::plan& plan, const std::vector<cluster_group_ptr>& living) {
  std::vector<notify_watch> out;
  for (const auto& block : plan.blocks) {
    if (!block.kubernetes)
      continue;
    const auto from = std::ranges::find(living, block.kubernetes->identity(), &cluster_group::identity);
    if (from == living.end())
      continue;
    for (const dns::name& zone : block.kubernetes->zones)
      watch_zone(block, zone, *from, out);
    if (block.k8s_external)
      for (const dns::name& zone : block.k8s_external->zones)
        if (!zone::is_reverse_zone(zone)) // those of k8s_external are not given out
          watch_zone(block, zone, *from, out);
  }
  return out;
}

} // namespace troupe
