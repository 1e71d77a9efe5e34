// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/file.hpp"

#include "actors/stages/stage_site.hpp"
#include "actors/stages/transfer.hpp"
#include "actors/stages/zone_chase.hpp"
#include "actors/stages/zone_file_records.hpp"
#include "config/directives/file.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// True if a directive behind `file` passes questions on in this block.
bool has_stage_behind(const config::server_block& block) {
  const auto& makers = stage_makers();
  const auto own = std::ranges::find(makers, std::string_view{"file"}, &stage_maker::name);
  return std::any_of(own + 1, makers.end(), [&](const stage_maker& each) { return block.uses.contains(each.name); });
}

} // namespace

stage::step file_stage::say(net::slot& slot, stage_scope& scope, dns::rcode code) {
  net::answer_code(scope.batch, slot, code);
  slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
  return step::answered;
}

bool file_stage::falls_through(const net::slot& slot) const noexcept {
  return zones_.fall_through &&
         zones_.fall_through_zones.longest(slot.query.name_lowered()) != config::zone_index::none;
}

stage::step file_stage::request(net::slot& slot, stage_scope& scope) {
  const uint32_t at = zones_.zone_of.longest(slot.query.name_lowered());
  if (at == config::zone_index::none)
    return last_ ? say(slot, scope, dns::rcode::refused) : step::next;
  const master::zone_table* const zone = zones_.tables[at].get();
  if (!zone)
    return say(slot, scope, dns::rcode::servfail);
  using master::zone_result;
  master::answer_from_zone(*zone, slot.query, scratch_);
  const bool missing = scratch_.result == zone_result::name_error || scratch_.result == zone_result::nothing;
  if (missing && falls_through(slot))
    return step::next;
  if (scratch_.result == zone_result::elsewhere) {
    if (subqueries_ && slot.may_wait)
      return step::taken;
    master::finish_from_elsewhere(*zone, slot.query, dns::rcode::servfail, {}, scratch_);
  }
  keep_zone_answer(scope.batch, slot, *zone, scratch_);
  return step::answered;
}

void file_stage::take(net::slice one) {
  uint32_t at = config::zone_index::none;
  one.each([&](net::slot& slot) { at = zones_.zone_of.longest(slot.query.name_lowered()); });
  chase_out_of_zone(*subqueries_, std::move(one), zones_.tables[at]);
}

std::unique_ptr<zone::zone_records> file_stage::records_of(dns::name_view zone) const {
  const uint32_t at = zones_.zone_of.longest(zone);
  if (at == config::zone_index::none || !zones_.tables[at] || zones_.tables[at]->apex().size() != zone.size())
    return nullptr;
  return std::make_unique<zone_file_records>(zones_.tables[at]);
}

/// The files are read once, when the Corefile is read: `reload` changes nothing yet.
void make_file(stage_site& site) {
  const auto& options = site.block.own<config::file_options>("file");
  file_stage::zones zones;
  for (const auto& each : options.zones)
    zones.tables.push_back(each.table);
  zones.zone_of = options.zone_of;
  zones.fall_through = options.fall_through;
  zones.fall_through_zones = options.fall_through_zones;
  auto& made = site.add<file_stage>(std::move(zones), !has_stage_behind(site.block), site.resources.subqueries);
  if (site.transfers)
    site.transfers->offer(made);
}

} // namespace troupe
