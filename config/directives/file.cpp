// SPDX-License-Identifier: Apache-2.0
#include "config/directives/file.hpp"

#include "config/directives/root.hpp"
#include "config/directives/values.hpp"
#include "config/directives/zone_file.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

void put_zone(std::vector<file_options::zone>& zones, file_options::zone one) {
  const auto same = std::ranges::find(zones, one.apex, &file_options::zone::apex);
  if (same != zones.end())
    *same = std::move(one);
  else
    zones.push_back(std::move(one));
}

/// Reads the file into a table for each origin; a file that cannot be opened may come later.
failure read_zones(const dispenser& in, const setup& s, const std::string& path, const std::vector<dns::name>& origins,
                   std::vector<file_options::zone>& out, std::string& unopened) {
  const auto content = read_zone_file(s.env, path);
  if (const auto* bad = std::get_if<1>(&content))
    unopened = *bad;
  for (const dns::name& origin : origins) {
    file_options::zone one;
    one.at = in.at();
    one.apex = origin.lowered();
    one.path = path;
    if (const auto* text = std::get_if<0>(&content)) {
      auto loaded = load_zone(s.env, *text, path, one.apex);
      if (const auto* words = std::get_if<std::string>(&loaded))
        return in.error(*words);
      one.table = std::get<master::zone_table_ptr>(std::move(loaded));
    }
    out.push_back(std::move(one));
  }
  return std::nullopt;
}

failure read_reload(dispenser& in, file_options& out) {
  const auto args = in.arguments();
  if (args.empty())
    return in.error("reload duration value is expected");
  if (auto bad = read_duration(in, args[0], out.reload))
    return bad;
  if (out.reload < std::chrono::nanoseconds{0}) // CoreDNS ends with a panic there
    return in.error("reload must not be negative: " + args[0]);
  return std::nullopt;
}

failure read_file_property(dispenser& in, file_options& out) {
  const std::string name = in.word();
  if (name == "reload")
    return read_reload(in, out);
  if (name == "fallthrough") {
    const auto args = in.arguments();
    out.fall_through = true;
    out.fall_through_zones = zone_index{args.empty() ? std::vector<dns::name>(1) : named_zones(args)};
  } else if (name == "reload_by_mtime") {
    out.by_mtime = true;
  } else if (name == "upstream") {
    in.arguments(); // names are resolved by this server itself, whatever stands here
  } else {
    return in.unknown_property();
  }
  return std::nullopt;
}

} // namespace

failure parse_file(dispenser& in, setup& s) {
  auto& options = s.block.own<file_options>("file");
  const auto named = in.argument();
  if (!named)
    return in.argument_error();
  const std::string path = below_root(s.block, *named);
  const auto words = in.arguments();
  const auto origins = words.empty() ? s.block.zones : named_zones(words);
  std::vector<file_options::zone> zones;
  std::string unopened;
  if (auto bad = read_zones(in, s, path, origins, zones, unopened))
    return bad;
  while (in.next_property())
    if (auto bad = read_file_property(in, options))
      return bad;
  if (!unopened.empty()) {
    if (options.reload == std::chrono::nanoseconds{0})
      return in.error(unopened);
    s.warnings.push_back("plugin/file: Failed to open " + quote(unopened) + ": trying again in " +
                         duration_text(options.reload));
  }
  for (auto& each : zones) {
    each.reload = options.reload;
    each.by_mtime = options.by_mtime;
    put_zone(options.zones, std::move(each));
  }
  return std::nullopt;
}

} // namespace troupe::config
