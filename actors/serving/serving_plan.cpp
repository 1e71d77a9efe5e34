// SPDX-License-Identifier: Apache-2.0
#include "actors/serving/serving_plan.hpp"

#include "actors/serving/view_filter.hpp"
#include "actors/stages/label_providers.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// The first block whose view the question is in; for DS the last but the root's, as CoreDNS has it.
const config::served_zone* match_in_views(const serving_plan& plan, const net::slot& slot) {
  const bool asks_parent = slot.query.type() == dns::rrtype::ds;
  const config::served_zone* best = nullptr;
  const block_labels* labels = nullptr; // of this block or of the last before it that had any, as in CoreDNS
  plan.listener->walk(slot.query.name_lowered(), [&](const config::served_zone& each) {
    if (best && each.zone.size() == 1)
      return true;
    if (const block_labels* own = plan.labels ? plan.labels->of_block(each.block) : nullptr)
      labels = own;
    const config::view_options* const view = plan.blocks[each.block].view;
    if (view && !is_in_view(*view, slot, *plan.listener, labels))
      return false;
    best = &each;
    return !asks_parent;
  });
  return best;
}

} // namespace

bool serving_plan::dispatch(net::slot& slot) const {
  const config::served_zone* found =
    listener->has_views ? match_in_views(*this, slot) : listener->match(slot.query.name_lowered(), slot.query.qtype);
  slot.zone = found ? static_cast<uint16_t>(found - listener->zones.data()) : no_zone;
  slot.block = found ? static_cast<uint16_t>(found->block) : no_zone;
  return found != nullptr;
}

void serving_plan::count(const net::slot& slot, net::time_point now) const noexcept {
  if (slot.entry_stage != 0)
    return; // part of a client's question, which is counted
  net::query_counters* to = slot.zone < zones.size() ? zones[slot.zone].counters : dropped;
  if (!to)
    return;
  net::answered_query q;
  q.protocol = slot.protocol;
  q.v6 = slot.from.is_v6();
  q.dnssec_ok = slot.query.edns.dnssec_ok;
  q.plugin = slot.answered_by != 0 ? blocks[slot.block].writer : uint8_t{0};
  q.qtype = slot.query.qtype;
  q.rcode = static_cast<uint16_t>(slot.rcode);
  q.request_octets = slot.query.message_octets;
  q.response_octets = slot.uncompressed_octets;
  q.duration_ns = static_cast<uint64_t>((now - slot.arrived).count());
  to->add(q);
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
    for (const char* const no_stage : {"metadata", "geoip", "view"})
      if (block.uses.contains(no_stage))
        add(no_stage);
    if (block.loop)
      add("loop");
    for (auto& stage : blocks[zones[i].block].stages)
      add(stage->name());
  }
}

namespace {

void fill_block(serving_plan& plan, uint32_t index, const loop_resources& resources) {
  stage_site site{plan.source->blocks[index], *plan.listener, resources, plan.views, plan.labels.get()};
  serving_plan::block& out = plan.blocks[index];
  for (const stage_maker& each : stage_makers()) {
    if (site.block.uses.contains(each.name))
      each.make(site);
    if (each.name == "transfer")
      out.transfers_to = site.stages.size();
  }
  out.stages = std::move(site.stages);
  if (site.block.uses.contains("view"))
    out.view = &site.block.own<config::view_options>("view");
  for (auto& stage : out.stages)
    plan.other_classes |= stage->with_other_classes() == stage::other_classes::serve;
  if (!out.stages.empty())
    out.writer = net::plugin_index(out.stages.front()->name());
}

} // namespace

serving_plan_ptr make_serving_plan(std::shared_ptr<const config::plan> source, const config::listener_plan& listener,
                                   const loop_resources& resources) {
  auto out = std::make_shared<serving_plan>();
  out->source = source;
  out->listener = &listener;
  out->blocks.resize(source->blocks.size());
  out->labels = labels_of(*source, listener, resources);
  for (auto& zone : listener.zones) {
    const auto& block = source->blocks[zone.block];
    if (out->blocks[zone.block].stages.empty())
      fill_block(*out, zone.block, resources);
    serving_plan::zone entry{static_cast<uint16_t>(zone.block), static_cast<uint16_t>(zone.position)};
    if (block.prometheus)
      entry.counters = &resources.counts.queries.counters({listener.server, zone.label, block.view}, resources.index);
    out->zones.push_back(entry);
  }
  out->dropped =
    &resources.counts.queries.counters({listener.server, std::string{net::dropped_zone}, ""}, resources.index);
  return out;
}

} // namespace troupe
