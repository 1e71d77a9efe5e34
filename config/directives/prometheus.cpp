// SPDX-License-Identifier: Apache-2.0
#include "config/directives/http_address.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_prometheus(dispenser& in, setup& s) {
  prometheus_options options;
  if (auto bad = parse_optional_address(in, s, options))
    return bad;
  while (in.next_property()) {
    if (in.word() == "tls")
      return in.not_yet("option 'tls' of 'prometheus'");
    if (in.word() != "runtime_metrics")
      return in.error("unknown option: " + in.word());
    if (!in.arguments().empty())
      return in.argument_error();
    options.runtime_metrics = true;
  }
  s.block.prometheus = options;
  return std::nullopt;
}

} // namespace troupe::config
