// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"
#include "config/plan.hpp"

#include <re2/re2.h>

namespace troupe::config {

namespace {

using consolidation = errors_options::consolidation;

std::optional<log_level> level_of(const std::string& word) {
  if (word == "debug")
    return log_level::debug;
  if (word == "info")
    return log_level::info;
  if (word == "warning")
    return log_level::warning;
  if (word == "error")
    return log_level::error;
  return std::nullopt;
}

/// `[LEVEL] [show_first]`, in that order.
failure parse_ending(const dispenser& in, const std::vector<std::string>& args, consolidation& out) {
  bool has_level = false;
  for (size_t i = 2; i < args.size(); ++i) {
    if (auto level = level_of(args[i])) {
      if (has_level)
        return in.error("multiple log levels specified in consolidate");
      if (out.show_first)
        return in.error("log level must come before show_first in consolidate");
      has_level = true;
      out.level = *level;
    } else if (args[i] == "show_first") {
      out.show_first = true;
    } else {
      return in.error("unknown option in consolidate: " + args[i]);
    }
  }
  return std::nullopt;
}

failure parse_consolidate(dispenser& in, errors_options& options) {
  const auto args = in.arguments();
  if (args.size() < 2 || args.size() > 4)
    return in.argument_error();
  consolidation out;
  auto period = parse_duration(args[0]);
  if (auto* problem = std::get_if<std::string>(&period))
    return in.error(*problem);
  out.period = std::get<std::chrono::nanoseconds>(period);
  out.text = args[1];
  if (out.text.size() > max_regexp_octets)
    return in.error("regex pattern too long: " + std::to_string(out.text.size()) + " > " +
                    std::to_string(max_regexp_octets));
  auto expression = std::make_shared<const re2::RE2>(re2_of(out.text), re2::RE2::Quiet);
  if (!expression->ok())
    return in.error(go_error_text(*expression));
  out.expression = std::move(expression);
  if (auto bad = parse_ending(in, args, out))
    return bad;
  options.consolidations.push_back(std::move(out));
  return std::nullopt;
}

} // namespace

failure parse_errors(dispenser& in, setup& s) {
  errors_options options;
  const auto args = in.arguments();
  if (args.size() > 1)
    return in.argument_error();
  if (args.size() == 1 && args[0] != "stdout")
    return in.error("invalid log file: " + args[0]);
  while (in.next_property()) {
    if (in.word() == "stacktrace") {
      options.stacktrace = true;
    } else if (in.word() == "consolidate") {
      if (auto bad = parse_consolidate(in, options))
        return bad;
    } else {
      return syntax_error(in.at(), in.word(), "Unknown field " + in.word());
    }
  }
  s.block.errors = std::move(options);
  return std::nullopt;
}

} // namespace troupe::config
