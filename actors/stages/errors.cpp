// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/errors.hpp"

#include "actors/runtime/log.hpp"
#include "actors/stages/log_format.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/loop.hpp"

#include <re2/re2.h>

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

} // namespace

/// The lines of one period that one expression matched; shared with the timer that ends the period.
struct errors_stage::counted_lines {
  config::errors_options::consolidation rule;
  size_t count = 0;

  void end_of_period() {
    const size_t all = std::exchange(count, 0);
    if (all > (rule.show_first ? 1u : 0u))
      log::write(level_of(rule.level), fmt::format("plugin/errors: {} errors like '{}' occurred in last {}", all,
                                                   rule.text, period_text(rule.period)));
  }
};

errors_stage::errors_stage(const config::errors_options& options) {
  for (auto& rule : options.consolidations)
    consolidated_.push_back(std::make_shared<counted_lines>(counted_lines{rule}));
}

errors_stage::~errors_stage() = default;

void errors_stage::response(net::slot& slot, stage_scope&) {
  if (slot.failure == nullptr)
    return;
  for (auto& lines : consolidated_) {
    if (!re2::RE2::PartialMatch(slot.failure, *lines->rule.expression))
      continue;
    net::loop* here = net::loop::current();
    if (lines->count++ == 0 && here)
      here->at(here->now() + lines->rule.period, [lines] { lines->end_of_period(); });
    if (lines->count > 1 || !lines->rule.show_first)
      return;
    break;
  }
  log::write(log::level::error, "plugin/errors: " + error_line(slot.query, slot.rcode, slot.failure));
}

void make_errors(stage_site& site) {
  site.add<errors_stage>(*site.block.errors);
}

} // namespace troupe
