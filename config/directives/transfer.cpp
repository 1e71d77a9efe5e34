// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

namespace troupe::config {

namespace {

constexpr uint16_t secondary_port = 53;

/// Without brackets.
std::string bare(const std::string& host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

/// An address with or without a port, as CoreDNS's parse.HostPort takes it, or its error text.
std::variant<host_port, std::string> read_secondary(const std::string& word, const environment& env) {
  const auto no_address = [](const std::string& what) { return "must specify an IP address: `" + what + "'"; };
  if (auto address = normal_address(word))
    return host_port{*address, secondary_port};
  const size_t colon = word.rfind(':');
  const bool no_port = colon + 1 == word.size() && !word.empty();
  auto split = parse_host_port(no_port ? word + std::to_string(secondary_port) : word, port_names_of(env, "udp"));
  if (auto* problem = std::get_if<std::string>(&split)) {
    const bool bad_port = colon != word.npos && !word.ends_with(']') && address_family(bare(word.substr(0, colon)));
    return bad_port ? *problem : no_address(word);
  }
  auto& out = std::get<host_port>(split);
  const auto address = normal_address(out.host);
  if (!address)
    return no_address(out.host);
  out.host = *address;
  return out;
}

failure parse_to(dispenser& in, const environment& env, transfer_options& options) {
  const auto args = in.arguments();
  if (args.empty())
    return in.argument_error();
  for (const auto& word : args) {
    if (word == "*") {
      options.to_all = true;
      continue;
    }
    auto read = read_secondary(word, env);
    if (auto* problem = std::get_if<std::string>(&read))
      return in.error(*problem);
    options.to.push_back(std::get<host_port>(std::move(read)));
  }
  return std::nullopt;
}

failure parse_source(dispenser& in, transfer_options& options) {
  const auto args = in.arguments();
  if (args.size() != 1)
    return in.argument_error();
  if (!options.source.empty())
    return in.error("source already specified");
  const auto address = normal_address(args[0]);
  if (!address || args[0].find('%') != args[0].npos) // Go's net.ParseIP takes no zone
    return in.error("invalid source address " + quote(args[0]));
  options.source = *address;
  return std::nullopt;
}

} // namespace

const transfer_options* find_transfer(const std::vector<transfer_options>& uses, dns::name_view lowered) noexcept {
  const transfer_options* found = nullptr;
  size_t longest = 0;
  for (const auto& use : uses)
    for (const dns::name& zone : use.zones)
      if (zone.size() > longest && dns::is_subdomain(lowered, zone.wire())) {
        found = &use;
        longest = zone.size();
      }
  return found;
}

failure parse_transfer(dispenser& in, setup& s) {
  transfer_options options;
  options.at = in.at();
  const auto words = in.arguments();
  options.zones = words.empty() ? s.block.zones : named_zones(words);
  while (in.next_property()) {
    failure bad;
    if (in.word() == "to")
      bad = parse_to(in, s.env, options);
    else if (in.word() == "source")
      bad = parse_source(in, options);
    else
      bad = in.error("unknown property " + quote(in.word()));
    if (bad)
      return bad;
  }
  if (!options.to_all && options.to.empty())
    return in.error("'to' is required");
  s.block.transfer.push_back(std::move(options));
  return std::nullopt;
}

} // namespace troupe::config
