// SPDX-License-Identifier: Apache-2.0
#include "config/directives/http_address.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_health(dispenser& in, setup& s) {
  auto options = s.block.health.value_or(health_options{}); // a second line adds to the first, as in CoreDNS
  if (auto bad = parse_optional_address(in, s, options))
    return bad;
  while (in.next_property()) {
    if (in.word() != "lameduck")
      return in.unknown_property();
    const auto args = in.arguments();
    if (args.size() != 1)
      return in.argument_error();
    auto duration = parse_duration(args[0]);
    if (auto* problem = std::get_if<std::string>(&duration))
      return in.error("unable to parse lameduck duration value: '" + args[0] + "' : " + *problem);
    options.lameduck = std::get<std::chrono::nanoseconds>(duration);
  }
  s.block.health = options;
  return std::nullopt;
}

} // namespace troupe::config
