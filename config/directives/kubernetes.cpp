// SPDX-License-Identifier: Apache-2.0
#include "config/directives/kubernetes_words.hpp"
#include "config/identity.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Below in-addr.arpa or ip6.arpa. These themselves do not count: CoreDNS takes them for a primary zone if they come
/// first.
bool is_below_reverse_root(const dns::name& zone) {
  static const auto v4 = *dns::name::from_text("in-addr.arpa."), v6 = *dns::name::from_text("ip6.arpa.");
  const bool below_v4 = dns::is_subdomain(zone.wire(), v4.wire()) && !(zone == v4);
  return below_v4 || (dns::is_subdomain(zone.wire(), v6.wire()) && !(zone == v6));
}

failure set_zones(dispenser& in, const server_block& block, kubernetes_options& out) {
  const auto words = in.arguments();
  out.zones = words.empty() ? block.zones : named_zones(words);
  auto primary = std::find_if_not(out.zones.begin(), out.zones.end(), is_below_reverse_root);
  if (primary == out.zones.end())
    return in.error("non-reverse zone name must be used");
  out.primary = static_cast<size_t>(primary - out.zones.begin());
  out.zone_of = zone_index{out.zones};
  return std::nullopt;
}

/// As Go prints a list of strings.
std::string bracketed(const std::vector<dns::name>& zones) {
  std::string text;
  for (auto& zone : zones)
    text += (text.empty() ? "[" : " ") + zone.to_text();
  return text + "]";
}

failure contradiction(const dispenser& in, const kubernetes_options& options) {
  if (!options.namespaces.empty() && options.selects_namespaces)
    return in.error("namespaces and namespace_labels cannot both be set");
  for (auto& zone : options.multicluster)
    if (std::find(options.zones.begin(), options.zones.end(), zone) == options.zones.end())
      return in.error("is not authoritative for the multicluster zone " + zone.to_text() +
                      " (authoritative zones: " + bracketed(options.zones) + ")");
  if (options.zonal && !options.endpoints)
    return in.error("zonal requires the endpoint cache; remove noendpoints");
  return std::nullopt;
}

/// Blocks that read other objects do not share them.
std::string with_selectors(identity_text key, const kubernetes_options& options) {
  if (!options.labels.empty() || !options.namespace_labels.empty())
    key.add(options.labels.text()).add(options.namespace_labels.text());
  return key.text();
}

} // namespace

failure parse_kubernetes(dispenser& in, setup& s) {
  kubernetes_options options;
  options.at = in.at();
  if (auto bad = set_zones(in, s.block, options))
    return bad;
  while (in.next_property()) {
    const auto* property = find_kubernetes_property(in.word());
    if (!property)
      return in.unknown_property();
    kubernetes_words words{in, s, options, in.word(), in.at().file, {}};
    words.args = in.arguments();
    if (words.args.size() < property->least || words.args.size() > property->most)
      return in.argument_error();
    if (auto bad = property->read(words))
      return bad;
  }
  if (auto bad = contradiction(in, options))
    return bad;
  std::sort(options.namespaces.begin(), options.namespaces.end());
  options.namespaces.erase(std::unique(options.namespaces.begin(), options.namespaces.end()), options.namespaces.end());
  if (!options.manifests.empty() && !(options.kubeconfig + options.endpoint).empty())
    s.warnings.push_back(error_at(options.at, "manifests take the place of endpoint and kubeconfig").text());
  s.block.kubernetes = std::move(options);
  return std::nullopt;
}

std::string kubernetes_options::identity() const {
  if (!manifests.empty()) {
    auto paths = manifests;
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    identity_text key{"manifests"};
    for (const auto& path : paths)
      key.add(path);
    return with_selectors(key, *this);
  }
  if (!kubeconfig.empty())
    return with_selectors(identity_text{"kubeconfig"}.add(kubeconfig).add(kubeconfig_context), *this);
  if (!endpoint.empty())
    return with_selectors(identity_text{"endpoint"}.add(endpoint).add(tls_cert).add(tls_key).add(tls_ca), *this);
  return with_selectors(identity_text{"in-cluster"}, *this);
}

} // namespace troupe::config
