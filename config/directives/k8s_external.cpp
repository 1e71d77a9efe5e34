// SPDX-License-Identifier: Apache-2.0
#include "config/directives/k8s_external.hpp"

#include "config/directives/values.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr long long max_external_ttl = 3600; // seconds
constexpr size_t hostmaster_octets = 1 + 10; // `hostmaster` in front of the apex: the longest name made there

failure read_ttl(const dispenser& in, const std::vector<std::string>& args, k8s_external_options& out) {
  if (args.empty())
    return in.argument_error();
  long long seconds = 0;
  if (auto bad = read_integer(in, args[0], seconds))
    return bad;
  if (seconds < 0 || seconds > max_external_ttl)
    return in.error("ttl must be in range [0, 3600]: " + std::to_string(seconds));
  out.ttl = static_cast<uint32_t>(seconds);
  return std::nullopt;
}

failure read_apex(const dispenser& in, const std::vector<std::string>& args, k8s_external_options& out) {
  if (args.empty())
    return in.argument_error();
  const auto apex = dns::name::from_text(args[0]);
  if (!apex || apex->is_root())
    return in.error("apex is not a valid domain name: " + args[0]);
  out.apex = *apex;
  return std::nullopt;
}

failure read_property(dispenser& in, k8s_external_options& out) {
  const std::string name = in.word();
  if (name == "headless") {
    out.headless = true; // a word behind it is the next property, as in CoreDNS
    return std::nullopt;
  }
  if (name != "ttl" && name != "apex" && name != "fallthrough")
    return in.unknown_property();
  const auto args = in.arguments(); // beyond the first they are dropped, as in CoreDNS
  if (name == "ttl")
    return read_ttl(in, args, out);
  if (name == "apex")
    return read_apex(in, args, out);
  out.fall_through = true;
  out.fall_through_zones = zone_index{args.empty() ? std::vector<dns::name>(1) : named_zones(args)};
  return std::nullopt;
}

} // namespace

failure parse_k8s_external(dispenser& in, setup& s) {
  k8s_external_options options = s.block.k8s_external.value_or(k8s_external_options{});
  options.at = in.at();
  const auto words = in.arguments();
  options.zones = words.empty() ? s.block.zones : named_zones(words);
  options.zone_of = zone_index{options.zones};
  while (in.next_property()) {
    if (auto bad = read_property(in, options))
      return bad;
  }
  const size_t in_front = hostmaster_octets + options.apex.size() - 1;
  if (std::any_of(options.zones.begin(), options.zones.end(),
                  [&](const dns::name& zone) { return in_front + zone.size() > dns::max_name_octets; }))
    return error_at(options.at, "apex is too long for the zones: " + options.apex.to_text());
  s.block.k8s_external = std::move(options);
  return std::nullopt;
}

} // namespace troupe::config
