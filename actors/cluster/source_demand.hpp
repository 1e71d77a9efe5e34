// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/plan.hpp"
#include "net/kube/api_client.hpp"

#include <algorithm>

namespace troupe {

/// One source of a plan, and what its blocks ask for together.
class source_demand {
public:
  explicit source_demand(const config::kubernetes_options& options) : first(&options) {}

  const config::kubernetes_options* first;
  kube::kept keep{};
  kube::request_limits limits{};

  /// Of several blocks with one source the strictest counts.
  void add_limits(const config::kubernetes_options& options) {
    limits.per_second = stricter(limits.per_second, options.apiserver_qps);
    limits.burst = stricter(limits.burst, options.apiserver_burst);
    limits.in_flight = stricter(limits.in_flight, options.apiserver_max_inflight);
  }

private:
  /// 0 is none.
  template <class Number>
  static Number stricter(Number a, Number b) {
    return a == 0 ? b : b == 0 ? a : std::min(a, b);
  }
};

/// Of each source that the plan names, by kubernetes_options::identity.
std::vector<std::pair<std::string, source_demand>> demands_of(const config::plan& plan);

} // namespace troupe
