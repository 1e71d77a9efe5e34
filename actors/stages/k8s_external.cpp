// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/k8s_external.hpp"

#include "actors/stages/kubernetes.hpp"
#include "actors/stages/transfer.hpp"
#include "net/zone/external_records.hpp"
#include "net/zone/reverse_records.hpp"

namespace troupe {

namespace {

zone::options answer_options(const config::k8s_external_options& from, zone::options out) {
  out.zones = from.zones;
  out.primary = 0;
  out.fallthrough.reset();
  if (from.fall_through)
    out.fallthrough = from.fall_through_zones.zones();
  out.external = zone::external_names{from.apex, from.ttl, from.headless};
  return out;
}

} // namespace

k8s_external_stage::k8s_external_stage(const config::k8s_external_options& options, zone::options answers,
                                       std::shared_ptr<cluster_on_loop> cluster, const sibling_views& siblings)
  : zone_of_(options.zone_of), view_{answer_options(options, std::move(answers)), siblings},
    cluster_(std::move(cluster)) {}

std::unique_ptr<zone::zone_records> k8s_external_stage::records_of(dns::name_view zone) const {
  const size_t at = zone_of_.longest(zone);
  if (at == config::zone_index::none)
    return nullptr;
  const dns::name& mine = view_.options.zones[at];
  if (mine.size() != zone.size() || zone::is_reverse_zone(mine))
    return nullptr;
  return std::make_unique<zone::external_records>(
    zone::zone_tables{view_.options, cluster_->tables.root, cluster_->tables.reverse}, mine);
}

stage::step k8s_external_stage::request(net::slot& slot, stage_scope& scope) {
  return route_to_cluster(slot, scope, zone_of_, view_, *cluster_);
}

/// Its names stand for what the `kubernetes` of the block knows: without one there is nothing to do.
void make_k8s_external(stage_site& site) {
  if (!site.block.kubernetes)
    return;
  const auto& cluster = site.resources.clusters.at(site.block.kubernetes->identity());
  auto& made = site.add<k8s_external_stage>(*site.block.k8s_external, answer_options(site.block, site.resources),
                                            cluster, site.views[cluster.get()]);
  if (site.transfers)
    site.transfers->offer(made);
}

} // namespace troupe
