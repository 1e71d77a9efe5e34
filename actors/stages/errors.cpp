// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/errors.hpp"

#include "actors/runtime/log.hpp"
#include "actors/stages/log_format.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/loop.hpp"

#include <re2/re2.h>

#include <atomic>
#include <map>
#include <mutex>

namespace troupe {

namespace {

log::level level_of(config::log_level from) noexcept {
  switch (from) {
  case config::log_level::debug:
    return log::level::debug;
  case config::log_level::info:
    return log::level::info;
  case config::log_level::warning:
    return log::level::warning;
  case config::log_level::error:
    return log::level::error;
  }
  return log::level::error;
}

/// Go's way to write a duration of whole seconds or minutes: `5s`, `5m0s`.
std::string period_text(std::chrono::nanoseconds period) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(period).count();
  const auto rest = std::to_string(seconds % 60) + "s";
  if (seconds < 60)
    return rest;
  if (seconds < 3600)
    return std::to_string(seconds / 60) + "m" + rest;
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m" + rest;
}

using consolidation = config::errors_options::consolidation;

} // namespace

/// A rule, and how many errors of the period under way it has found: those of all loops.
struct errors_stage::counted_rule {
  explicit counted_rule(const consolidation& of) : rule(of) {}

  const consolidation rule;
  std::atomic<size_t> count = 0;

  void end_of_period() {
    const size_t all = count.exchange(0);
    if (all > (rule.show_first ? 1u : 0u))
      log::write(level_of(rule.level), fmt::format("plugin/errors: {} errors like '{}' occurred in last {}", all,
                                                   rule.text, period_text(rule.period)));
  }
};

/// The stages of a block are made of the same options on every loop, so these say which rule is meant. Called off the
/// loops, while plans are built.
std::shared_ptr<errors_stage::counted_rule> errors_stage::shared_rule(const consolidation& of) {
  static std::mutex guard;
  static std::map<const consolidation*, std::weak_ptr<counted_rule>> rules;
  const std::lock_guard lock{guard};
  std::erase_if(rules, [](const auto& each) { return each.second.expired(); });
  auto found = rules[&of].lock();
  if (!found)
    rules[&of] = found = std::make_shared<counted_rule>(of);
  return found;
}

errors_stage::errors_stage(const config::errors_options& options) {
  for (const auto& rule : options.consolidations)
    consolidated_.push_back(shared_rule(rule));
}

errors_stage::~errors_stage() = default;

void errors_stage::response(net::slot& slot, stage_scope&) {
  if (slot.failure == nullptr)
    return;
  log::level level = log::level::error;
  for (const auto& each : consolidated_) {
    if (!re2::RE2::PartialMatch(slot.failure, *each->rule.expression))
      continue;
    const bool first = each->count.fetch_add(1) == 0;
    if (net::loop* here = first ? net::loop::current() : nullptr)
      here->at(here->now() + each->rule.period, [each] { each->end_of_period(); });
    if (!first || !each->rule.show_first)
      return;
    level = level_of(each->rule.level); // as the line at the end will have
    break;
  }
  log::write(level, "plugin/errors: " + error_line(slot.query, slot.rcode, slot.failure));
}

void make_errors(stage_site& site) {
  site.add<errors_stage>(*site.block.errors);
}

} // namespace troupe
