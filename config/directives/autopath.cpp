// SPDX-License-Identifier: Apache-2.0
#include "config/directives/autopath.hpp"

#include "config/dispenser.hpp"
#include "config/path.hpp"
#include "config/plan.hpp"
#include "config/search_list.hpp"
#include "config/zone_key.hpp"

namespace troupe::config {

namespace {

failure read_file(const dispenser& in, const environment& env, const std::string& file, autopath_options& out) {
  const auto path = path_beside(file, in.at().file);
  const auto content = env.read(path);
  if (const auto* bad = std::get_if<environment::unreadable>(&content))
    return in.error("failed to parse " + quote(file) + ": open " + path + ": " + bad->reason);
  out.search = read_search_list(std::get<std::string>(content));
  out.from_file = true;
  return std::nullopt;
}

/// The server's own list is the node's or its pod's, which is what CoreDNS takes for what other pods' lists end in.
void read_own(const environment& env, autopath_options& out) {
  const auto content = env.read("/etc/resolv.conf");
  if (const auto* text = std::get_if<std::string>(&content))
    out.search_of_us = read_search_list(*text);
}

} // namespace

failure parse_autopath(dispenser& in, setup& s) {
  autopath_options options = s.block.autopath.value_or(autopath_options{});
  options.at = in.at();
  auto words = in.arguments();
  if (words.empty())
    return in.error("no resolv-conf specified");
  const std::string from = std::move(words.back());
  words.pop_back();
  options.zones = zone_index{words.empty() ? s.block.zones : named_zones(words)};
  if (from.starts_with('@')) {
    options.provider = from.substr(1);
    read_own(s.env, options);
  } else if (auto bad = read_file(in, s.env, from, options)) {
    return bad;
  }
  s.block.autopath = std::move(options);
  return std::nullopt;
}

} // namespace troupe::config
