// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace troupe {

/// `process_*` as Prometheus' client libraries have them: CPU seconds, memory, descriptors, start. Read from
/// /proc/self; what cannot be read is left out. Thread: any.
std::vector<prometheus::MetricFamily> process_families();

} // namespace troupe
