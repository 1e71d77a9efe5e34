// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster.hpp"
#include "actors/stages/stage.hpp"
#include "actors/stages/transferable.hpp"
#include "net/zone/options.hpp"

namespace troupe {

/// A question below `zones`, those of `by`: notes in the slot which of them it is for, and routes it to who answers on
/// this loop. Others go on.
stage::step route_to_cluster(net::slot& slot, stage_scope& scope, const config::zone_index& zones, const stanza& by,
                             cluster_on_loop& here);

/// `kubernetes`: sends a question to the zone server of its namespace, the apex or the reverse server of this loop.
class kubernetes_stage final : public stage, public transferable {
public:
  /// `all`: the stanzas of the plan with the same cluster; lives as long as the plan, which enters this one there.
  kubernetes_stage(const config::kubernetes_options& options, std::shared_ptr<cluster_on_loop> here,
                   const stanza::family& all, std::vector<kube::address> local_addresses);

  std::string_view name() const noexcept override { return "kubernetes"; }
  step request(net::slot& slot, stage_scope& scope) override;
  std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const override;
  bool holds(dns::name_view name) const override { return zone_of_.longest(name) != config::zone_index::none; }
  bool complete() const override { return here_->of.synced; }
  const zone::options& how() const noexcept { return stanza_.how; }

private:
  config::zone_index zone_of_;
  stanza stanza_;
  std::shared_ptr<cluster_on_loop> here_; ///< a plan keeps what it answers from
};

} // namespace troupe
