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

/// True if another directive behind `name` sees questions of this block.
bool has_stage_behind(const config::server_block& block, std::string_view name) {
  const auto& makers = stage_makers();
  const auto own = std::ranges::find(makers, name, &stage_maker::name);
  return std::any_of(own + 1, makers.end(), [&](const stage_maker& each) { return block.uses.contains(each.name); });
}

} // namespace

file_stage::file_stage(std::string_view name, zones served, bool last, bool noted, net::subquery_endpoint* subqueries)
  : name_(name), zones_(std::move(served)), last_(last), noted_(noted), subqueries_(subqueries) {
  for (const auto& each : zones_.sources)
    tables_.emplace_back(each->table());
}

stage::step file_stage::say(net::slot& slot, stage_scope& scope, dns::rcode code) {
  net::answer_code(scope.batch, slot, code);
  slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
  return step::answered;
}

bool file_stage::falls_through(const net::slot& slot) const noexcept {
  return zones_.fall_through &&
         zones_.fall_through_zones.longest(slot.query.name_lowered()) != config::zone_index::none;
}

bool file_stage::is_meant(dns::name_view lowered) const noexcept {
  return !zones_.origins || zones_.origins->longest(lowered) != config::zone_index::none;
}

uint32_t file_stage::zone_of(dns::name_view lowered) const noexcept {
  return is_meant(lowered) ? zones_.zone_of.longest(lowered) : config::zone_index::none;
}

stage::step file_stage::request(net::slot& slot, stage_scope& scope) {
  const uint32_t at = zone_of(slot.query.name_lowered());
  if (at == config::zone_index::none)
    return last_ && is_meant(slot.query.name_lowered()) ? say(slot, scope, dns::rcode::refused) : step::next;
  const master::zone_table* const zone = tables_[at].get().get();
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
  keep_zone_answer(scope.batch, slot, *zone, scratch_, noted_);
  return step::answered;
}

void file_stage::take(net::slice one) {
  uint32_t at = config::zone_index::none;
  one.each([&](net::slot& slot) { at = zone_of(slot.query.name_lowered()); });
  chase_out_of_zone(*subqueries_, std::move(one), tables_[at].get(), noted_);
}

std::unique_ptr<zone::zone_records> file_stage::records_of(dns::name_view zone) const {
  const uint32_t at = zone_of(zone);
  auto table = at == config::zone_index::none ? nullptr : zones_.sources[at]->table().snapshot();
  if (!table || table->apex().size() != zone.size())
    return nullptr;
  return std::make_unique<zone_file_records>(std::move(table));
}

void add_file_stage(stage_site& site, std::string_view directive, const std::vector<config::file_options::zone>& zones,
                    file_stage::zones served) {
  std::vector<dns::name> apexes;
  for (const auto& each : zones) {
    watched_files* const files = site.resources.files;
    served.sources.push_back(files ? files->get<zone_source>(zone_source::identity(each), each)
                                   : std::make_shared<zone_source>(each));
    served.sources.back()->offer(each.table); // it may be that of an older Corefile
    apexes.push_back(each.apex);
  }
  served.zone_of = config::zone_index{apexes};
  auto& made = site.add<file_stage>(directive, std::move(served), !has_stage_behind(site.block, directive),
                                    site.labels != nullptr, site.resources.subqueries);
  if (site.transfers)
    site.transfers->offer(made);
}

void make_file(stage_site& site) {
  const auto& options = site.block.own<config::file_options>("file");
  file_stage::zones zones;
  zones.fall_through = options.fall_through;
  zones.fall_through_zones = options.fall_through_zones;
  add_file_stage(site, "file", options.zones, std::move(zones));
}

} // namespace troupe
