// SPDX-License-Identifier: Apache-2.0
#include "config/directives/cache_words.hpp"
#include "config/identity.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

namespace troupe::config {

namespace {

/// `[TTL] [ZONES...]`; without zones those of the block.
failure read_line(dispenser& in, const server_block& block, cache_options& out) {
  auto args = in.arguments();
  if (!args.empty() && std::holds_alternative<long long>(parse_integer(args.front()))) {
    if (auto bad = read_cache_ttl(in, args.front(), out.success.max_ttl))
      return bad;
    out.denial.max_ttl = out.success.max_ttl;
    args.erase(args.begin());
  }
  const auto zones = args.empty() ? block.zones : named_zones(args);
  for (const auto& zone : zones)
    out.zones_text += (out.zones_text.empty() ? "" : ",") + zone.to_text();
  out.zones = zone_index{zones};
  return std::nullopt;
}

} // namespace

failure parse_cache(dispenser& in, setup& s) {
  cache_options options;
  options.at = in.at();
  options.block = s.block.keys;
  for (const auto& address : s.block.bind ? s.block.bind->addresses : std::vector<std::string>{})
    options.block += " on " + address;
  if (auto bad = read_line(in, s.block, options))
    return bad;
  bool stale = false;
  while (in.next_property()) {
    const auto* property = find_cache_property(in.word());
    if (!property)
      return in.argument_error(); // so CoreDNS words it
    stale |= property->name == "serve_stale";
    cache_words line{in, options, {}};
    line.args = in.arguments();
    if (line.args.size() < property->least || line.args.size() > property->most)
      return in.argument_error();
    if (auto bad = property->read(line))
      return bad;
  }
  if (options.prefer_positive && !stale)
    return in.error("serve_stale_policy requires serve_stale");
  s.block.cache = std::move(options);
  return std::nullopt;
}

std::string cache_options::identity() const {
  identity_text all{"cache"};
  all.add(block).add(zones_text);
  for (const auto* side : {&success, &denial})
    all.add(side->capacity).add(side->max_ttl).add(side->min_ttl).add(side->any_disabled).add(side->disabled);
  all.add(prefetch).add(prefetch_within).add(prefetch_percentage);
  all.add(serve_stale).add(stale_verify).add(verify_timeout).add(stale_ttl).add(stale_recheck).add(prefer_positive);
  all.add(servfail).add(keep_ttl);
  return all.text();
}

} // namespace troupe::config
