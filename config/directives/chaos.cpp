// SPDX-License-Identifier: Apache-2.0
#include "config/directives/chaos.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr size_t longest_string = 255; // RFC 1035 section 3.3

} // namespace

failure parse_chaos(dispenser& in, setup& s) {
  auto args = in.arguments();
  chaos_options& options = s.block.own<chaos_options>("chaos");
  for (auto& text : args)
    text.resize(std::min(text.size(), longest_string));
  if (!args.empty()) {
    options.version = std::move(args.front());
    args.erase(args.begin());
  }
  std::ranges::sort(args);
  args.erase(std::unique(args.begin(), args.end()), args.end());
  options.authors = std::move(args);
  if (in.next_property())
    return in.unknown_property();
  return std::nullopt;
}

} // namespace troupe::config
