// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/source_report.hpp"
#include "actors/http/actors_page.hpp"
#include "actors/http/meters.hpp"
#include "actors/http/metrics_text.hpp"
#include "actors/server/actor_tree.hpp"
#include "actors/server/endpoint_set.hpp"
#include "actors/server/http_actor.hpp"
#include "actors/server/parts.hpp"

#include <functional>

namespace troupe {

/// The pages that are served over HTTP: `health`, `ready`, `prometheus` and `actors`. They show the server as it is
/// when they are asked, whatever was reloaded since. Thread: main's, or the one that reloads meanwhile; except as
/// noted.
class pages {
public:
  using fresh = std::vector<page_set::opened>; ///< by set: what a plan needs and is not open yet
  /// The clusters that are shown and waited for, at that moment. Any thread.
  using current_clusters = std::function<part_list<cluster_group>()>;

  pages(actor_tree& actors, actor_context& shared, meters& counts, const endpoint_set& endpoints,
        current_clusters clusters);

  /// Opens those of the plan's addresses that are not open yet. The text of the first error that counts.
  std::optional<std::string> open(const config::plan& plan, fresh& into);
  /// From now on the pages are where `plan` says. `before`: the plan until now, null at the start.
  void enter(fresh&& opened, const config::plan& plan, const config::plan* before);
  void close();

private:
  void add_sets();
  std::vector<metrics_source> metrics() const;
  http_response ready(bool verbose) const; ///< any thread, as the next two
  std::vector<source_state> source_states() const;
  std::vector<actor_info> actors_with_details() const;

  actor_tree& actors_;
  actor_context& shared_;
  meters& counts_;
  const endpoint_set& endpoints_;
  const current_clusters clusters_;
  std::vector<std::shared_ptr<page_set>> sets_;
};

} // namespace troupe
