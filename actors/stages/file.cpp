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
  : name_(name), zones_(std::move(served)), newest_(*zones_.all), last_(last), noted_(noted), subqueries_(subqueries) {}

stage::step file_stage::say(net::slot& slot, stage_scope& scope, dns::rcode code) {
  net::answer_code(scope.batch, slot, code);
  return step::answered;
}

bool file_stage::falls_through(const net::slot& slot) const noexcept {
  return zones_.fall_through &&
         zones_.fall_through_zones.longest(slot.query.name_lowered()) != config::zone_index::none;
}

bool file_stage::is_meant(dns::name_view lowered) const noexcept {
  return !zones_.origins || zones_.origins->longest(lowered) != config::zone_index::none;
}

/// Takes the newest zones, of which `auto` may have others than at the last question.
void file_stage::follow() {
  const auto& newest = newest_.get();
  if (newest == known_)
    return;
  tables_.clear();
  known_ = newest;
  for (const auto& each : known_->sources)
    tables_.emplace_back(each->table());
}

file_stage::table_reader* file_stage::find(dns::name_view lowered) noexcept {
  const uint32_t at = is_meant(lowered) ? known_->zone_of.longest(lowered) : config::zone_index::none;
  return at == config::zone_index::none ? nullptr : &tables_[at];
}

stage::step file_stage::request(net::slot& slot, stage_scope& scope) {
  follow();
  table_reader* const found = find(slot.query.name_lowered());
  if (!found)
    return last_ && is_meant(slot.query.name_lowered()) ? say(slot, scope, dns::rcode::refused) : step::next;
  const master::zone_table* const zone = found->get().get();
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

/// The question is the one that request() has just seen, so its zone is there.
void file_stage::take(net::slice one) {
  table_reader* found = nullptr;
  one.each([&](net::slot& slot) { found = find(slot.query.name_lowered()); });
  chase_out_of_zone(*subqueries_, std::move(one), found->get(), noted_);
}

bool file_stage::holds(dns::name_view name) const {
  return is_meant(name) && zones_.all->snapshot()->zone_of.longest(name) != config::zone_index::none;
}

std::unique_ptr<zone::zone_records> file_stage::records_of(dns::name_view zone) const {
  const auto all = zones_.all->snapshot();
  const uint32_t at = is_meant(zone) ? all->zone_of.longest(zone) : config::zone_index::none;
  auto table = at == config::zone_index::none ? nullptr : all->sources[at]->table().snapshot();
  if (!table || table->apex().size() != zone.size())
    return nullptr;
  return std::make_unique<zone_file_records>(std::move(table));
}

void add_file_stage(stage_site& site, std::string_view directive, file_stage::zones served) {
  auto& made = site.add<file_stage>(directive, std::move(served), !has_stage_behind(site.block, directive),
                                    site.labels != nullptr, site.resources.subqueries);
  if (site.transfers)
    site.transfers->offer(made);
}

void make_file(stage_site& site) {
  const auto& options = site.block.own<config::file_options>("file");
  std::vector<std::shared_ptr<zone_source>> sources;
  for (const auto& each : options.zones)
    sources.push_back(source_of(each, site.resources.files));
  file_stage::zones zones;
  zones.all = std::make_shared<const zone::published<zone_set>>(std::make_shared<const zone_set>(std::move(sources)));
  zones.fall_through = options.fall_through;
  zones.fall_through_zones = options.fall_through_zones;
  add_file_stage(site, "file", std::move(zones));
}

} // namespace troupe
