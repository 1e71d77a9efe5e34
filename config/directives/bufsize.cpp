// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

/// The most that an answer by UDP may have, in octets (RFC 6891 section 6.2.5).
failure parse_bufsize(dispenser& in, setup& s) {
  const auto args = in.arguments();
  uint16_t& octets = s.block.own<uint16_t>("bufsize");
  octets = default_udp_octets;
  if (args.empty())
    return std::nullopt;
  const auto number = parse_integer(args[0]);
  const long long* const size = std::get_if<long long>(&number);
  if (args.size() > 1 || !size || *size < least_udp_octets || *size > most_udp_octets)
    return in.argument_error();
  octets = static_cast<uint16_t>(*size);
  return std::nullopt;
}

} // namespace troupe::config
