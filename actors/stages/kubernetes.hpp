// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/cluster/kubernetes_view.hpp"
#include "actors/stages/stage_site.hpp"
#include "actors/stages/transferable.hpp"
#include "net/zone/options.hpp"

namespace troupe {

/// A question below `zones`, those of `by`: notes in the slot which of them it is for, and routes it to who answers on
/// this loop. Others go on.
stage::step route_to_cluster(net::slot& slot, stage_scope& scope, const config::zone_index& zones,
                             const kubernetes_view& by, cluster_on_loop& cluster);

/// How the names of a block with `kubernetes` are answered.
zone::options answer_options(const config::server_block& block, const loop_resources& resources);

/// `kubernetes`: sends a question to the zone server of its namespace, the apex or the reverse server of this loop.
class kubernetes_stage final : public stage, public transferable {
public:
  /// `siblings`: the views of the plan with the same cluster; lives as long as the plan, which enters this one there.
  kubernetes_stage(const config::kubernetes_options& options, zone::options answers,
                   std::shared_ptr<cluster_on_loop> cluster, const sibling_views& siblings);

  std::string_view name() const noexcept override { return "kubernetes"; }
  step request(net::slot& slot, stage_scope& scope) override;
  std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const override;
  bool holds(dns::name_view name) const override { return zone_of_.longest(name) != config::zone_index::none; }
  bool complete() const override { return cluster_->tables.synced; }
  const zone::options& options() const noexcept { return view_.options; }

private:
  config::zone_index zone_of_;
  kubernetes_view view_;
  std::shared_ptr<cluster_on_loop> cluster_; ///< a plan keeps what it answers from
};

} // namespace troupe
