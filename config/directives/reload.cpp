// SPDX-License-Identifier: Apache-2.0
#include "config/directives/values.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"

namespace troupe::config {

namespace {

constexpr std::chrono::seconds min_interval{2}, min_jitter{1};

} // namespace

failure parse_reload(dispenser& in, setup& s) {
  reload_options options;
  const auto args = in.arguments();
  if (s.block.reload) { // CoreDNS never looks at a second one
    s.warnings.push_back(in.at().file + ":" + std::to_string(in.at().line) +
                         " - plugin/reload: only the first 'reload' of a block counts");
    return std::nullopt;
  }
  if (args.size() > 2)
    return in.argument_error();
  if (args.size() > 0) {
    if (auto bad = read_duration(in, args[0], options.interval))
      return bad;
  }
  if (options.interval < min_interval)
    return in.error("interval value must be greater or equal to " + duration_text(min_interval));
  if (args.size() > 1) {
    if (auto bad = read_duration(in, args[1], options.jitter))
      return bad;
  }
  if (options.jitter.count() != 0 && options.jitter < min_jitter)
    return in.error("jitter value must be 0 or greater or equal to " + duration_text(min_jitter));
  options.jitter = std::min(options.jitter, options.interval / 2);
  if (in.next_property())
    return in.unknown_property();
  s.block.reload = options;
  return std::nullopt;
}

} // namespace troupe::config
