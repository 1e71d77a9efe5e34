// SPDX-License-Identifier: Apache-2.0
#include "config/directives/http_address.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_ready(dispenser& in, setup& s) {
  ready_options options;
  if (auto bad = parse_optional_address(in, s, options))
    return bad;
  while (in.next_property()) {
    if (in.word() != "monitor")
      return in.unknown_property();
    const auto args = in.arguments();
    if (args.size() != 1)
      return in.argument_error();
    if (args[0] != "until-ready" && args[0] != "continuously")
      return in.error("monitor type '" + args[0] + "' not supported");
    options.continuously = args[0] == "continuously";
  }
  s.block.ready = options;
  return std::nullopt;
}

} // namespace troupe::config
