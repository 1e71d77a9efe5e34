// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"

namespace troupe::config {

/// How long `forward` asks for a question at most. Without a word 5001 ms, which is longer than it asks anyway.
failure parse_cancel(dispenser& in, setup& s) {
  const auto args = in.arguments();
  auto& limit = s.block.own<std::chrono::nanoseconds>("cancel");
  limit = std::chrono::milliseconds{5001};
  if (args.empty())
    return std::nullopt;
  if (args.size() > 1)
    return in.argument_error();
  const auto duration = parse_duration(args[0]);
  const auto* value = std::get_if<std::chrono::nanoseconds>(&duration);
  if (!value)
    return in.error("invalid duration: " + quote(args[0]));
  if (value->count() <= 0)
    return in.error("invalid negative duration: " + quote(args[0]));
  limit = *value;
  return std::nullopt;
}

} // namespace troupe::config
