// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/kubernetes.hpp"

#include "actors/runtime/host.hpp"
#include "actors/stages/transfer.hpp"
#include "net/zone/question.hpp"
#include "net/zone/reverse_records.hpp"

namespace troupe {

namespace {

zone::options::pods_mode answered_as(config::pod_mode mode) {
  switch (mode) {
  case config::pod_mode::insecure:
    return zone::options::pods_mode::insecure;
  case config::pod_mode::verified:
    return zone::options::pods_mode::verified;
  case config::pod_mode::disabled:
    break;
  }
  return zone::options::pods_mode::disabled;
}

bool is_unspecified(const kube::address& a) {
  return std::ranges::all_of(a.octets, [](uint8_t octet) { return octet == 0; });
}

/// The addresses that `ns.dns` stands for: those bound, else those of the machine, without loopback. CoreDNS reads
/// bound addresses as CIDRs and so knows none of them (DEPARTURES.md).
std::vector<kube::address> own_addresses(const config::server_block& block, const loop_resources& resources) {
  if (!block.bind)
    return resources.local_addresses;
  std::vector<kube::address> bound;
  for (const std::string& text : block.bind->addresses) {
    const auto address = kube::address::from_text(text);
    if (address && is_unspecified(*address))
      return resources.local_addresses;
    if (address && !host::is_loopback(*address))
      bound.push_back(*address);
  }
  return bound;
}

query_target& who_answers(const net::slot& slot, const kubernetes_view& by, cluster_on_loop& cluster) {
  const zone::question q = zone::parse_question(slot.query, slot.zone_skip, by.options);
  if (q.asks() == zone::server::reverse && cluster.reverse_server.actor)
    return cluster.reverse_server;
  zone_target* server = q.asks() == zone::server::zone ? cluster.find(q.namespace_label()) : nullptr;
  if (!server)
    return cluster.apex;
  server->last_asked = slot.arrived;
  return *server;
}

} // namespace

zone::options answer_options(const config::server_block& block, const loop_resources& resources) {
  const config::kubernetes_options& from = *block.kubernetes;
  zone::options out;
  out.zones = from.zones;
  out.primary = from.primary;
  out.ttl = from.ttl;
  out.pods = answered_as(from.pods);
  out.endpoint_pod_names = from.endpoint_pod_names;
  out.noendpoints = !from.endpoints;
  out.ignore_empty_service = from.ignore_empty_service;
  out.zonal = from.zonal;
  out.multicluster = from.multicluster;
  out.namespaces = from.namespaces;
  out.selects_namespaces = from.selects_namespaces;
  if (from.fall_through)
    out.fallthrough = from.fall_through_zones.zones();
  out.local_addresses = own_addresses(block, resources);
  return out;
}

stage::step route_to_cluster(net::slot& slot, stage_scope& scope, const config::zone_index& zones,
                             const kubernetes_view& by, cluster_on_loop& cluster) {
  const size_t zone = zones.longest(slot.query.name_lowered());
  if (zone == config::zone_index::none)
    return stage::step::next;
  slot.options = &by;
  slot.zone_skip = static_cast<uint8_t>(slot.query.qname_octets - by.options.zones[zone].size());
  scope.routed_to = &who_answers(slot, by, cluster);
  return stage::step::routed;
}

kubernetes_stage::kubernetes_stage(const config::kubernetes_options& options, zone::options answers,
                                   std::shared_ptr<cluster_on_loop> cluster, const sibling_views& siblings)
  : zone_of_(options.zone_of), view_{std::move(answers), siblings}, cluster_(std::move(cluster)) {}

std::unique_ptr<zone::zone_records> kubernetes_stage::records_of(dns::name_view zone) const {
  const size_t at = zone_of_.longest(zone);
  if (at == config::zone_index::none || view_.options.zones[at].size() != zone.size())
    return nullptr;
  const zone::zone_tables from{view_.options, cluster_->tables.root, cluster_->tables.reverse,
                               view_.options.is_multicluster(zone)};
  if (zone::is_reverse_zone(view_.options.zones[at]))
    return std::make_unique<zone::reverse_records>(from, view_.options.zones[at]);
  return std::make_unique<zone::cluster_records>(from);
}

stage::step kubernetes_stage::request(net::slot& slot, stage_scope& scope) {
  return route_to_cluster(slot, scope, zone_of_, view_, *cluster_);
}

void make_kubernetes(stage_site& site) {
  const config::kubernetes_options& options = *site.block.kubernetes;
  const auto& cluster = site.resources.clusters.at(options.identity());
  sibling_views& siblings = site.views[cluster.get()];
  auto& made = site.add<kubernetes_stage>(options, answer_options(site.block, site.resources), cluster, siblings);
  siblings.push_back(&made.options());
  if (site.transfers)
    site.transfers->offer(made);
}

} // namespace troupe
