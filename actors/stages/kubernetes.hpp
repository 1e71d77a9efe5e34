// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "net/zone/options.hpp"

namespace troupe {

/// `kubernetes`: sends a question to the zone server of its namespace, the apex or the reverse server of this loop.
class kubernetes_stage final : public stage {
public:
  kubernetes_stage(const config::kubernetes_options& options, cluster_on_loop& here,
                   std::vector<kube::address> local_addresses);
  ~kubernetes_stage() override { std::erase(here_.stanzas, &options_); }

  std::string_view name() const noexcept override { return "kubernetes"; }
  step request(net::slot& slot, stage_scope& scope) override;

private:
  config::zone_index zone_of_;
  zone::options options_;
  cluster_on_loop& here_;
};

} // namespace troupe
