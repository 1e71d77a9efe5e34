// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/server_counter.hpp"

#include <prometheus/metric_family.h>

namespace troupe {

/// What stages without actors count: `coredns_autopath_success_total`. As with CoreDNS a series comes into being with
/// what it first counts.
std::vector<prometheus::MetricFamily> stage_families(const net::server_counter& autopath);

/// `troupe_log_lines_lost_total`.
std::vector<prometheus::MetricFamily> log_families(unsigned long long lost);

} // namespace troupe
