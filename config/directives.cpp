// SPDX-License-Identifier: Apache-2.0
#include "config/directives.hpp"

#include "config/plan.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::config {

namespace {

constexpr bool once = true;

// clang-format off
constexpr directive table[] = {
  {"root"}, {"metadata"}, {"geoip"}, {"cancel"}, {"proxyproto"}, {"quic"}, {"grpc_server"}, {"https"}, {"https3"},
  {"timeouts"},
  {"multisocket", parse_multisocket, once},
  {"reload", parse_reload},
  {"nsid"}, {"bufsize"},
  {"bind", parse_bind},
  {"debug"}, {"trace"},
  {"ready", parse_ready, once},
  {"health", parse_health},
  {"pprof"}, {"shed"},
  {"prometheus", parse_prometheus, once},
  {"errors", parse_errors, once},
  {"log", parse_log},
  {"dnstap"}, {"local"}, {"dns64"}, {"any"}, {"chaos"},
  {"loadbalance", parse_loadbalance},
  {"tsig"}, {"rewrite"}, {"autopath", parse_autopath}, {"acl"},
  {"cache", parse_cache, once},
  {"header"}, {"dnssec"}, {"tls"}, {"minimal"}, {"template"},
  {"transfer", parse_transfer},
  {"hosts"}, {"route53"}, {"azure"}, {"clouddns"},
  {"k8s_external", parse_k8s_external},
  {"kubernetes", parse_kubernetes, once},
  {"file"}, {"auto"}, {"secondary"}, {"etcd"},
  {"loop", parse_loop, once},
  {"forward", parse_forward},
  {"grpc"}, {"erratic"}, {"whoami"}, {"on"},
  {"sign"}, {"view"}, {"nomad"},
  {"actors", parse_actors, once},
};
// clang-format on

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

} // namespace troupe::config
