// SPDX-License-Identifier: Apache-2.0
#include "actors/serving/serving_plan.hpp"

#include "actors/runtime/machine.hpp"
#include "actors/stages/autopath.hpp"
#include "actors/stages/cache.hpp"
#include "actors/stages/errors.hpp"
#include "actors/stages/forward.hpp"
#include "actors/stages/k8s_external.hpp"
#include "actors/stages/kubernetes.hpp"
#include "actors/stages/loadbalance.hpp"
#include "actors/stages/log.hpp"
#include "actors/stages/loop.hpp"
#include "actors/stages/pod_search.hpp"
#include "actors/stages/transfer.hpp"

#include <algorithm>

namespace troupe {

bool serving_plan::dispatch(net::slot& slot) const noexcept {
  const config::served_zone* found = listener->match(slot.query.name_lowered(), slot.query.qtype);
  slot.zone = found ? static_cast<uint16_t>(found - listener->zones.data()) : no_zone;
  slot.block = found ? static_cast<uint16_t>(found->block) : no_zone;
  return found != nullptr;
}

void serving_plan::enabled_plugins(plugin_set& into) const {
  for (size_t i = 0; i < zones.size(); ++i) {
    const auto& block = source->blocks[zones[i].block];
    if (!block.prometheus)
      continue;
    const auto add = [&](std::string_view name) {
      into.insert({{listener->server, listener->zones[i].label, block.view}, std::string{name}});
    };
    add("prometheus");
    if (block.loop)
      add("loop");
    for (auto& stage : blocks[zones[i].block].stages)
      add(stage->name());
  }
}

namespace {

bool is_unspecified(const kube::address& a) {
  return std::ranges::all_of(a.octets, [](uint8_t octet) { return octet == 0; });
}

/// The addresses that `ns.dns` stands for: those bound, else those of the machine, without loopback. CoreDNS reads
/// bound addresses as CIDRs and so knows none of them (DEPARTURES.md).
std::vector<kube::address> own_addresses(const config::server_block& block, const loop_resources& here) {
  if (!block.bind)
    return here.local_addresses;
  std::vector<kube::address> bound;
  for (const std::string& text : block.bind->addresses) {
    const auto address = kube::address::from_text(text);
    if (address && is_unspecified(*address))
      return here.local_addresses;
    if (address && !machine::is_loopback(*address))
      bound.push_back(*address);
  }
  return bound;
}

/// As in CoreDNS `@kubernetes` wins over a file, and does nothing without `pods verified`. Null: nobody knows any list.
std::unique_ptr<search_lists> search_lists_of(const config::server_block& block, const loop_resources& here) {
  const config::autopath_options& options = *block.autopath;
  if (options.provider != "kubernetes" || !block.kubernetes)
    return options.from_file ? search_list_of_file(options.search) : nullptr;
  if (block.kubernetes->pods != config::pod_mode::verified)
    return nullptr;
  return search_lists_of_pods(*block.kubernetes, here.clusters.at(block.kubernetes->source_key()),
                              options.search_of_us);
}

/// In the order of CoreDNS's plugins, not of the file.
void fill_block(serving_plan& plan, uint32_t index, const loop_resources& here) {
  const config::server_block& from = plan.source->blocks[index];
  serving_plan::block& out = plan.blocks[index];
  auto add = [&](std::unique_ptr<stage> made) { out.stages.push_back(std::move(made)); };
  if (from.errors)
    add(std::make_unique<errors_stage>(*from.errors));
  if (from.log)
    add(std::make_unique<log_stage>(*from.log, plan.listener->host));
  if (from.loadbalance)
    add(std::make_unique<loadbalance_stage>());
  if (from.autopath && here.own_questions)
    add(std::make_unique<autopath_stage>(*from.autopath, search_lists_of(from, here), *here.own_questions,
                                         here.shared.autopath.of(plan.listener->server, here.index)));
  transfer_stage* transfers = nullptr;
  if (!from.transfer.empty()) {
    auto made = std::make_unique<transfer_stage>(from.transfer);
    transfers = made.get();
    add(std::move(made));
  }
  out.transfers_to = out.stages.size();
  if (from.kubernetes) {
    const auto& cluster = here.clusters.at(from.kubernetes->source_key());
    auto& family = plan.stanzas[cluster.get()];
    auto made = std::make_unique<kubernetes_stage>(*from.kubernetes, cluster, family, own_addresses(from, here));
    family.push_back(&made->how());
    if (from.k8s_external) {
      auto outside = std::make_unique<k8s_external_stage>(*from.k8s_external, made->how(), cluster, family);
      if (transfers)
        transfers->offer(*outside);
      add(std::move(outside));
    }
    if (transfers)
      transfers->offer(*made);
    add(std::move(made));
  }
  // Behind `kubernetes`, unlike CoreDNS: what a zone's tables answer is always current, and needs no cache.
  if (from.cache)
    add(std::make_unique<cache_stage>(here.caches.at(cache_group::key_of(from)), here.index));
  if (from.loop)
    add(std::make_unique<loop_stage>(here.shared, *here.probes,
                                     plan.listener->host + ":" + std::to_string(plan.listener->port)));
  for (size_t i = 0; i < from.forward.size(); ++i)
    add(std::make_unique<forward_stage>(from.forward[i], here.forwards.at(from.forward[i].identity()), here.index,
                                        i + 1 < from.forward.size()));
  if (!out.stages.empty())
    out.writer = net::plugin_index(out.stages.front()->name());
}

} // namespace

serving_plan_ptr make_serving_plan(std::shared_ptr<const config::plan> source, const config::listener_plan& listener,
                                   const loop_resources& here) {
  auto out = std::make_shared<serving_plan>();
  out->source = source;
  out->listener = &listener;
  out->blocks.resize(source->blocks.size());
  for (auto& zone : listener.zones) {
    const auto& block = source->blocks[zone.block];
    if (out->blocks[zone.block].stages.empty())
      fill_block(*out, zone.block, here);
    serving_plan::zone entry{static_cast<uint16_t>(zone.block), static_cast<uint16_t>(zone.position)};
    if (block.prometheus)
      entry.counters = &here.shared.metrics.counters({listener.server, zone.label, block.view}, here.index);
    out->zones.push_back(entry);
  }
  out->dropped = &here.shared.metrics.counters({listener.server, std::string{net::dropped_zone}, ""}, here.index);
  return out;
}

} // namespace troupe
