// SPDX-License-Identifier: Apache-2.0
#include "config/directives.hpp"

#include "config/plan.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::config {

#define TROUPE_PLANNED(name)
#define TROUPE_SETTING(name, once) failure parse_##name(dispenser& in, setup& s);
#define TROUPE_STAGE(name, once) TROUPE_SETTING(name, once)
#include "config/directives.def"
#undef TROUPE_PLANNED
#undef TROUPE_SETTING
#undef TROUPE_STAGE

namespace {

constexpr directive table[] = {
#define TROUPE_PLANNED(name) {#name},
#define TROUPE_SETTING(name, once) {#name, parse_##name, once},
#define TROUPE_STAGE(name, once) TROUPE_SETTING(name, once)
#include "config/directives.def"
};

} // namespace

std::span<const directive> directives() {
  return table;
}

const directive* find_directive(std::string_view name) {
  auto found = std::find_if(std::begin(table), std::end(table), [&](const directive& d) { return d.name == name; });
  return found == std::end(table) ? nullptr : &*found;
}

std::string built_directives() {
  std::vector<std::string> names;
  for (const directive& d : table) {
    if (d.parse)
      names.emplace_back(d.name);
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const auto& name : names)
    text += name + "\n";
  return text;
}

std::string_view way_round(std::string_view directive) {
  static constexpr std::string_view of_a_cloud[] = {"route53", "azure", "clouddns"};
  if (std::ranges::find(of_a_cloud, directive) != std::end(of_a_cloud))
    return "serve an export of the zone with 'file', or 'forward' to the zone's name servers";
  return directive == "nomad" ? "'forward' the zone to Nomad's or Consul's own DNS" : std::string_view{};
}

bool is_out_of_tree(std::string_view directive) {
  static constexpr std::string_view known[] = {
    "ads",       "alternate",   "amazondns",    "blocklist",  "demo",       "dnsredir",
    "docker",    "ens",         "example",      "fanout",     "finalize",   "git",
    "gslb",      "idetcd",      "ipecho",       "ipin",       "ipset",      "k8s_cache",
    "k8s_crd",   "k8s_gateway", "kubenodes",    "kubernetai", "lighthouse", "mdns",
    "meship",    "meshname",    "multicluster", "mysql",      "netbox",     "ocp_dnsnameresolver",
    "pdsql",     "records",     "recursor",     "redis",      "rrl",        "split",
    "tailscale", "traefik",     "unbound",      "warnlist",   "wgsd"};
  return std::ranges::find(known, directive) != std::end(known);
}

} // namespace troupe::config
