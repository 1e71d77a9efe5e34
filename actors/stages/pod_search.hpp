// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/stages/autopath.hpp"
#include "config/directives/kubernetes.hpp"

namespace troupe {

/// The search lists that the kubelet gives to pods: `NS.svc.ZONE svc.ZONE ZONE`, then `rest`, which is the node's. A
/// question was made with one if some pod at the client's address lives in the namespace that its name ends in. So the
/// pods of a host's network, which share its address, have each their own; CoreDNS takes any of them (issue 7120).
/// `options`: of the `kubernetes` with `pods verified`.
std::unique_ptr<search_lists> search_lists_of_pods(const config::kubernetes_options& options,
                                                   std::shared_ptr<cluster_on_loop> cluster,
                                                   std::vector<dns::name> rest);

} // namespace troupe
