// SPDX-License-Identifier: Apache-2.0
#include "config/directives/local.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_local(dispenser& in, setup& s) {
  local_options& options = s.block.own<local_options>("local");
  if (!in.arguments().empty())
    return in.argument_error();
  while (in.next_property()) {
    if (in.word() != "localhost_prefix")
      return in.unknown_property();
    const auto args = in.arguments();
    if (args.size() != 1)
      return in.argument_error();
    if (args[0] != "on" && args[0] != "off")
      return in.error("localhost_prefix expects 'on' or 'off', got " + quote(args[0]));
    options.prefix = args[0] == "on";
  }
  return std::nullopt;
}

} // namespace troupe::config
