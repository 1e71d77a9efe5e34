// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/metadata.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/metrics.hpp"

#include <map>

namespace troupe::config {
struct view_options;
}

namespace troupe {

/// A Corefile's plan made ready for one listening address on one loop: its blocks' stages in order and the counters
/// that their queries go to. Immutable but for the stages' own scratch state; a batch keeps the one it began with.
/// Thread: the loop's.
struct serving_plan {
  struct zone {
    uint16_t block;
    uint16_t position;                       ///< of the zone within the block
    net::query_counters* counters = nullptr; ///< null: the block has no `prometheus`
  };
  struct block {
    std::vector<std::unique_ptr<stage>> stages;
    size_t transfers_to = 0;                    ///< stages that see AXFR and IXFR; those behind answer single questions
    const config::view_options* view = nullptr; ///< the plan's; null: for all questions
    /// Who is said to write its answers, an index among metrics' plugin names. In CoreDNS that is always the plugin
    /// next to `prometheus`, whoever answered.
    uint8_t writer = 0;
  };

  static constexpr uint16_t no_zone = 0xffff; ///< slot::zone of a question for no zone of ours

  std::shared_ptr<const config::plan> source;
  std::map<const cluster_on_loop*, sibling_views> views; ///< by cluster
  const config::listener_plan* listener = nullptr;
  std::unique_ptr<const plan_labels> labels; ///< null: no block has `metadata`
  std::vector<zone> zones;                   ///< like listener->zones
  std::vector<block> blocks;                 ///< like source->blocks; empty where the listener does not serve it
  net::query_counters* dropped = nullptr;    ///< for questions that no zone of ours holds
  bool other_classes = false;                ///< some stage serves others than IN and ANY

  /// Finds zone and block of a fresh slot; false: nobody here serves the name.
  bool dispatch(net::slot& slot) const;
  /// Counts an answered question, unless it is a part of a client's.
  void count(const net::slot& slot, net::time_point now) const noexcept;
  /// Adds a series of `coredns_plugin_enabled` for each plugin of each zone whose block has `prometheus`.
  void enabled_plugins(plugin_set& into) const;
};

using serving_plan_ptr = std::shared_ptr<const serving_plan>;

/// Thread: any.
serving_plan_ptr make_serving_plan(std::shared_ptr<const config::plan> source, const config::listener_plan& listener,
                                   const loop_resources& resources);

} // namespace troupe
