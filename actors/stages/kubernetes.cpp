// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/kubernetes.hpp"

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

zone::options answer_options(const config::kubernetes_options& from, std::vector<kube::address> local_addresses) {
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
  out.local_addresses = std::move(local_addresses);
  return out;
}

query_target& who_answers(const net::slot& slot, const stanza& by, cluster_on_loop& here) {
  const zone::question q = zone::route(slot.query, slot.zone_skip, by.how);
  if (q.asks() == zone::server::reverse && here.reverse_server.actor)
    return here.reverse_server;
  zone_target* server = q.asks() == zone::server::zone ? here.find(q.namespace_label()) : nullptr;
  if (!server)
    return here.apex;
  server->last_asked = slot.arrived;
  return *server;
}

} // namespace

stage::step route_to_cluster(net::slot& slot, stage_scope& scope, const config::zone_index& zones, const stanza& by,
                             cluster_on_loop& here) {
  const size_t zone = zones.longest(slot.query.name_lowered());
  if (zone == config::zone_index::none)
    return stage::step::next;
  slot.options = &by;
  slot.zone_skip = static_cast<uint8_t>(slot.query.qname_octets - by.how.zones[zone].size());
  scope.routed_to = &who_answers(slot, by, here);
  return stage::step::routed;
}

kubernetes_stage::kubernetes_stage(const config::kubernetes_options& options, std::shared_ptr<cluster_on_loop> here,
                                   const stanza::family& all, std::vector<kube::address> local_addresses)
  : zone_of_(options.zone_of), stanza_{answer_options(options, std::move(local_addresses)), all},
    here_(std::move(here)) {}

std::unique_ptr<zone::zone_records> kubernetes_stage::records_of(dns::name_view zone) const {
  const size_t at = zone_of_.longest(zone);
  if (at == config::zone_index::none || stanza_.how.zones[at].size() != zone.size())
    return nullptr;
  const zone::cluster_tables from{stanza_.how, here_->of.root, here_->of.reverse, stanza_.how.is_multicluster(zone)};
  if (zone::is_reverse_zone(stanza_.how.zones[at]))
    return std::make_unique<zone::reverse_records>(from, stanza_.how.zones[at]);
  return std::make_unique<zone::cluster_records>(from);
}

stage::step kubernetes_stage::request(net::slot& slot, stage_scope& scope) {
  return route_to_cluster(slot, scope, zone_of_, stanza_, *here_);
}

} // namespace troupe
