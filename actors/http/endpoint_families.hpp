// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/endpoint.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Counters by protocol: `udp` or `tcp`.
using endpoint_list = std::vector<std::pair<std::string, const net::endpoint_counters*>>;

/// `troupe_slots_total{proto,event}`: what became of what the sockets read, summed over loops: received, sent, silent,
/// malformed, shed, dropped, resent, given_up, send_errors. Thread: any.
std::vector<prometheus::MetricFamily> endpoint_families(const endpoint_list& endpoints);

/// Adds what an endpoint that goes away has counted. `from` does not change any more, `to` has one writer.
void add_counters(net::endpoint_counters& to, const net::endpoint_counters& from);

} // namespace troupe
