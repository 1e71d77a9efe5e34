// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_multisocket(dispenser& in, setup& s) {
  const auto args = in.arguments();
  if (args.size() > 1)
    return in.argument_error();
  multisocket_options options;
  if (args.size() == 1) {
    auto number = parse_integer(args[0]);
    if (auto* problem = std::get_if<std::string>(&number))
      return in.error("invalid num sockets: " + *problem);
    const long long sockets = std::get<long long>(number);
    if (sockets < 1)
      return in.error("num sockets can not be zero or negative: " + args[0]);
    if (sockets > max_sockets)
      return in.error("num sockets exceeds maximum (" + std::to_string(max_sockets) + "): " + args[0]);
    options.sockets = static_cast<unsigned>(sockets);
  }
  s.block.multisocket = options;
  return std::nullopt;
}

} // namespace troupe::config
