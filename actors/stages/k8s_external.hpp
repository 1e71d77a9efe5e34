// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/cluster/kubernetes_view.hpp"
#include "actors/stages/stage.hpp"
#include "actors/stages/transferable.hpp"
#include "config/directives/k8s_external.hpp"

namespace troupe {

/// `k8s_external`: sends a question below its zones to whoever has the objects, as `kubernetes` does, with options that
/// make the answer the service's external addresses.
class k8s_external_stage final : public stage, public transferable {
public:
  /// `answers`: the options of the `kubernetes` beside it, whose objects these names stand for. `siblings`: as there.
  k8s_external_stage(const config::k8s_external_options& options, zone::options answers,
                     std::shared_ptr<cluster_on_loop> cluster, const sibling_views& siblings);

  std::string_view name() const noexcept override { return "k8s_external"; }
  step request(net::slot& slot, stage_scope& scope) override;
  /// Not of reverse zones: they hold what others in the cluster's neighbourhood own too.
  std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const override;
  bool holds(dns::name_view name) const override { return zone_of_.longest(name) != config::zone_index::none; }
  bool complete() const override { return cluster_->tables.synced; }

private:
  const config::zone_index zone_of_;
  const kubernetes_view view_;
  const std::shared_ptr<cluster_on_loop> cluster_; ///< a plan keeps what it answers from
};

} // namespace troupe
