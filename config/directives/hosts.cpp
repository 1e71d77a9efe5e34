// SPDX-License-Identifier: Apache-2.0
#include "config/directives/hosts.hpp"

#include "config/directives/root.hpp"
#include "config/directives/values.hpp"
#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/identity.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <filesystem>

namespace troupe::config {

namespace {

constexpr long long most_hosts_ttl = 65535; // seconds

/// `[FILE [ZONES...]]`
failure read_hosts_line(dispenser& in, setup& s, hosts_options& out) {
  auto args = in.arguments();
  if (!args.empty()) {
    out.path = below_root(s.block, args.front());
    args.erase(args.begin());
    std::error_code problem;
    const auto found = std::filesystem::status(out.path, problem);
    if (found.type() == std::filesystem::file_type::none)
      return in.error("unable to access hosts file '" + out.path + "': stat " + out.path + ": " + problem.message());
    if (found.type() == std::filesystem::file_type::not_found)
      s.warnings.push_back("plugin/hosts: File does not exist: " + out.path);
    if (found.type() == std::filesystem::file_type::directory)
      s.warnings.push_back("plugin/hosts: Hosts file " + quote(out.path) + " is a directory");
  }
  out.zones = args.empty() ? s.block.zones : named_zones(args);
  out.zone_of = zone_index{out.zones};
  return std::nullopt;
}

failure read_hosts_ttl(dispenser& in, hosts_options& out) {
  const auto args = in.arguments();
  if (args.empty())
    return in.error("ttl needs a time in second");
  const auto number = parse_integer(args[0]);
  const auto* seconds = std::get_if<long long>(&number);
  if (!seconds)
    return in.error("ttl needs a number of second");
  if (*seconds <= 0 || *seconds > most_hosts_ttl)
    return in.error("ttl provided is invalid");
  out.ttl = static_cast<uint32_t>(*seconds);
  return std::nullopt;
}

failure read_hosts_reload(dispenser& in, hosts_options& out) {
  const auto args = in.arguments();
  if (args.size() != 1)
    return in.error("reload needs a duration (zero seconds to disable)");
  const auto duration = parse_duration(args[0]);
  const auto* value = std::get_if<std::chrono::nanoseconds>(&duration);
  if (!value)
    return in.error("invalid duration for reload '" + args[0] + "'");
  if (value->count() < 0)
    return in.error("invalid negative duration for reload '" + args[0] + "'");
  out.reload = *value;
  return std::nullopt;
}

/// What is no property is a line of addresses and names, but not behind `fallthrough`.
failure read_hosts_property(dispenser& in, hosts_options& out) {
  const std::string name = in.word();
  if (name == "ttl")
    return read_hosts_ttl(in, out);
  if (name == "reload")
    return read_hosts_reload(in, out);
  if (name == "no_reverse") {
    out.reverse = false;
  } else if (name == "fallthrough") {
    const auto zones = in.arguments();
    out.fall_through = true;
    out.fall_through_zones = zone_index{zones.empty() ? std::vector<dns::name>(1) : named_zones(zones)};
  } else if (name == "fallthrough_unsupported") {
    if (!in.arguments().empty())
      return in.argument_error();
    out.fall_through_unsupported = true;
  } else if (!out.fall_through) {
    out.lines += name;
    for (const auto& word : in.arguments())
      out.lines += " " + word;
    out.lines += "\n";
  } else {
    return in.unknown_property();
  }
  return std::nullopt;
}

} // namespace

std::string hosts_options::identity() const {
  identity_text all{"hosts"};
  all.add(path).add(lines).add(zone_of).add(reverse).add(reload);
  return all.text();
}

failure parse_hosts(dispenser& in, setup& s) {
  hosts_options& options = s.block.own<hosts_options>("hosts");
  if (auto bad = read_hosts_line(in, s, options))
    return bad;
  while (in.next_property()) {
    if (auto bad = read_hosts_property(in, options))
      return bad;
  }
  if (options.fall_through_unsupported && !options.fall_through)
    return in.error("fallthrough_unsupported requires fallthrough");
  return std::nullopt;
}

} // namespace troupe::config
