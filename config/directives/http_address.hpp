// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/dispenser.hpp"
#include "config/setup.hpp"

#include <string>

namespace troupe::config {

/// One spelling for what is one address to listen on: `0.0.0.0` and `[::]` are every address, as none is.
inline host_port page_address(host_port at) {
  at.host = is_unspecified(at.host) ? "" : normal_address(at.host).value_or(at.host);
  return at;
}

/// The arguments of a directive that takes at most an address: none leave it as it is. `options` has an `address`, and
/// the place `at` which it was named.
template <class Options>
failure parse_optional_address(dispenser& in, setup& s, Options& options) {
  const place at = in.at();
  const auto args = in.arguments();
  if (!args.empty() || options.at.file.empty())
    options.at = at;
  if (args.size() > 1)
    return in.argument_error();
  if (args.empty())
    return std::nullopt;
  auto found = parse_host_port(args[0], port_names_of(s.env, "tcp"));
  if (auto* problem = std::get_if<std::string>(&found))
    return in.error(*problem);
  options.address = page_address(std::get<host_port>(found));
  if (args[0].ends_with(':')) // a variable without a value, most likely
    s.warnings.push_back(
      in.error(args[0] + " names no port, so one is chosen at each start; write a number behind the colon").text());
  return std::nullopt;
}

} // namespace troupe::config
