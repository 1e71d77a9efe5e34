// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/actors_page.hpp"

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// Gives families when asked; called for each scrape on a thread of the HTTP server.
using metrics_source = std::function<std::vector<prometheus::MetricFamily>()>;

/// Sums over the actors of each kind, named as CAF 0.18 and later name them (`caf_*`), and what CAF does not have
/// (`troupe_*`). The label `name` is the kind: a label per actor would have no bound.
std::vector<prometheus::MetricFamily> actor_families(const std::vector<actor_info>& actors);

/// The text format 0.0.4: families by name, series by labels, so that two scrapes can be compared.
std::string metrics_text(std::vector<prometheus::MetricFamily> families);

/// Of such a text the families that `names` are, as promhttp gives for `?name[]=…`.
std::string only_families(std::string_view text, const std::vector<std::string>& names);

/// The page `/metrics` made from all `sources` together.
http_page metrics_page(std::vector<metrics_source> sources);

} // namespace troupe
