// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/notify_watches.hpp"

#include "net/zone/reverse_records.hpp"

#include <algorithm>

namespace troupe {

std::optional<uint32_t> notify_watch::serial() const {
  const auto root = from->tables.root.snapshot();
  return root->synced ? std::optional{root->serial} : std::nullopt;
}

void notify_watches::watch(std::vector<notify_watch> all) {
  std::lock_guard lock{mutex_};
  all_.swap(all);
}

std::vector<notify_watch> notify_watches::all() const {
  std::lock_guard lock{mutex_};
  return all_;
}

namespace {

notify_watch watch_for(const config::transfer_options& use, const dns::name& zone, const cluster_group_ptr& from) {
  notify_watch out{zone, from, {}, net::socket_address::from_text(use.source, 0)};
  for (const auto& each : use.to)
    if (const auto address = net::socket_address::from_text(each.host, each.port))
      out.to.push_back(*address);
  return out;
}

} // namespace

std::vector<notify_watch> watches_of(const config::plan& plan, const std::vector<cluster_group_ptr>& living) {
  std::vector<notify_watch> out;
  for (const auto& block : plan.blocks) {
    if (!block.kubernetes)
      continue;
    const auto from = std::ranges::find(living, block.kubernetes->identity(), &cluster_group::identity);
    if (from == living.end())
      continue;
    const auto watch = [&](const dns::name& zone) {
      if (const auto* use = config::find_transfer(block.transfer, zone.wire()); use && !use->to.empty())
        out.push_back(watch_for(*use, zone, *from));
    };
    std::ranges::for_each(block.kubernetes->zones, watch);
    if (block.k8s_external)
      for (const dns::name& zone : block.k8s_external->zones)
        if (!zone::is_reverse_zone(zone)) // those of k8s_external are not given out
          watch(zone);
  }
  return out;
}

} // namespace troupe
