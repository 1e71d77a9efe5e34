// SPDX-License-Identifier: Apache-2.0
#include "actors/serving_plan.hpp"

#include "actors/stages/cache.hpp"
#include "actors/stages/errors.hpp"
#include "actors/stages/forward.hpp"
#include "actors/stages/kubernetes.hpp"
#include "actors/stages/loadbalance.hpp"
#include "actors/stages/log.hpp"

#include <algorithm>

namespace troupe {

bool serving_plan::dispatch(net::slot& slot) const noexcept {
  const config::served_zone* found = listener->match(slot.query.name_lowered(), slot.query.qtype);
  slot.zone = found ? static_cast<uint16_t>(found - listener->zones.data()) : no_zone;
  slot.block = found ? static_cast<uint16_t>(found->block) : no_zone;
  return found != nullptr;
}

cluster_on_loop& loop_resources::cluster_for(const config::kubernetes_options& options) const {
  const auto found = std::find(source_keys.begin(), source_keys.end(), options.source_key());
  return *clusters[static_cast<size_t>(found - source_keys.begin())];
}

namespace {

/// The addresses that `ns.dns` stands for: those bound, else those of the machine.
std::vector<kube::address> own_addresses(const config::server_block& block, const loop_resources& here) {
  if (!block.bind)
    return here.local_addresses;
  // CoreDNS reads bound addresses as CIDRs only and so knows none of them; the answers stay the same (DEPARTURES.md).
  return {};
}

/// In the order of CoreDNS's plugins, not of the file.
serving_plan::block make_block(const config::plan& plan, size_t index, const std::string& host,
                               const loop_resources& here) {
  const config::server_block& from = plan.blocks[index];
  serving_plan::block out;
  auto add = [&](std::unique_ptr<stage> made) {
    out.plugins.push_back(net::plugin_index(made->name()));
    out.stages.push_back(std::move(made));
  };
  if (from.errors)
    add(std::make_unique<errors_stage>(*from.errors));
  if (from.log)
    add(std::make_unique<log_stage>(*from.log, host));
  if (from.loadbalance)
    add(std::make_unique<loadbalance_stage>());
  if (from.kubernetes)
    add(std::make_unique<kubernetes_stage>(*from.kubernetes, here.cluster_for(*from.kubernetes),
                                           own_addresses(from, here)));
  // Behind `kubernetes`, unlike CoreDNS: what a zone's tables answer is always current, and needs no cache.
  if (from.cache)
    add(std::make_unique<cache_stage>(here.caches.at(cache_group::key_of(plan, index)), here.index));
  for (size_t i = 0; i < from.forward.size(); ++i)
    add(std::make_unique<forward_stage>(from.forward[i], here.forwards.at(from.forward[i].identity()), here.index,
                                        i + 1 < from.forward.size()));
  return out;
}

} // namespace

std::shared_ptr<const serving_plan> make_serving_plan(std::shared_ptr<const config::plan> source,
                                                      const config::listener_plan& listener,
                                                      const loop_resources& here) {
  auto out = std::make_shared<serving_plan>();
  out->source = source;
  out->listener = &listener;
  out->blocks.resize(source->blocks.size());
  for (auto& zone : listener.zones) {
    const auto& block = source->blocks[zone.block];
    auto& made = out->blocks[zone.block];
    if (made.stages.empty())
      made = make_block(*source, zone.block, listener.host, here);
    serving_plan::zone entry{static_cast<uint16_t>(zone.block), static_cast<uint16_t>(zone.position)};
    const net::metric_labels labels{listener.server, zone.label, block.view};
    if (block.prometheus) {
      entry.counters = &here.shared.metrics.counters(labels, here.index);
      for (auto& stage : made.stages)
        here.shared.server.plugin_enabled(labels, stage->name());
    }
    out->zones.push_back(entry);
  }
  out->dropped = &here.shared.metrics.counters({listener.server, std::string{net::dropped_zone}, ""}, here.index);
  return out;
}

} // namespace troupe
