// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/metrics.hpp"

#include <prometheus/metric_family.h>

#include <vector>

namespace troupe {

/// The `coredns_dns_*` families of CoreDNS 1.14.7. Only series that counted something are there, as with CoreDNS, whose
/// series come into being with their first query. Labels stand in alphabetical order, as Go's client writes them.
std::vector<prometheus::MetricFamily> query_families(const std::vector<net::query_totals>& totals);

/// query_metrics as prometheus-cpp collects it.
std::vector<prometheus::MetricFamily> query_families(const net::query_metrics& metrics);

} // namespace troupe
