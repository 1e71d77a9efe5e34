// SPDX-License-Identifier: Apache-2.0
#include "config/directives/timeouts.hpp"

#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr std::chrono::nanoseconds least_timeout = std::chrono::seconds{1}, most_timeout = std::chrono::hours{24};

failure read_most_queries(const dispenser& in, const std::string& text, timeouts_options& out) {
  const auto number = parse_integer(text);
  if (const auto* problem = std::get_if<std::string>(&number))
    return in.error("invalid value for maxtcpqueries '" + text + "': " + *problem);
  const long long value = std::get<long long>(number);
  if (value == 0 || value < -1)
    return in.error("maxtcpqueries provided '" + std::to_string(value) +
                    "' needs to be -1 (unlimited) or a positive integer");
  out.queries = value == -1 ? SIZE_MAX : static_cast<size_t>(value);
  return std::nullopt;
}

/// A duration, or a number of seconds.
failure read_timeout(const dispenser& in, const std::string& text, std::chrono::nanoseconds& out) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto duration = parse_duration(digits ? text + "s" : text);
  if (std::holds_alternative<std::string>(duration))
    return in.error("failed to parse duration '" + text + "'");
  out = std::get<std::chrono::nanoseconds>(duration);
  if (out < least_timeout || out > most_timeout)
    return in.error("timeout provided '" + duration_text(out) + "' needs to be between 1 second and 24 hours");
  return std::nullopt;
}

failure read_timeouts_property(dispenser& in, timeouts_options& out) {
  const std::string name = in.word();
  const auto args = in.arguments();
  if (args.size() != 1)
    return in.argument_error();
  if (name == "maxtcpqueries")
    return read_most_queries(in, args[0], out);
  std::chrono::nanoseconds value{};
  if (auto bad = read_timeout(in, args[0], value))
    return bad;
  if (name == "read")
    out.read = value;
  else if (name == "write")
    out.write = value;
  else if (name == "idle")
    out.idle = value;
  else
    return in.error("unknown option: '" + name + "'");
  return std::nullopt;
}

} // namespace

failure parse_timeouts(dispenser& in, setup& s) {
  auto& options = s.block.own<timeouts_options>("timeouts");
  if (!in.arguments().empty())
    return in.argument_error();
  bool any = false;
  while (in.next_property()) {
    if (auto bad = read_timeouts_property(in, options))
      return bad;
    any = true;
  }
  if (!any)
    return in.error("timeouts block with no timeouts specified");
  return std::nullopt;
}

} // namespace troupe::config
