// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/dispenser.hpp"
#include "config/setup.hpp"

namespace troupe::config {

/// The arguments of a directive that takes at most an address: none leave `address` as it is.
inline failure parse_optional_address(dispenser& in, host_port& address) {
  const auto args = in.arguments();
  if (args.size() > 1)
    return in.argument_error();
  if (args.empty())
    return std::nullopt;
  auto found = parse_host_port(args[0]);
  if (auto* problem = std::get_if<std::string>(&found))
    return in.error(*problem);
  address = std::get<host_port>(found);
  return std::nullopt;
}

} // namespace troupe::config
