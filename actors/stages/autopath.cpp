// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/autopath.hpp"

#include "actors/stages/pod_search.hpp"
#include "actors/stages/search_walk.hpp"
#include "actors/stages/stage_site.hpp"

namespace troupe {

namespace {

class file_list final : public search_lists {
public:
  explicit file_list(std::vector<dns::name> list) : list_(std::move(list)) { list_.emplace_back(); }

  /// The list's first name itself was not made with it. (CoreDNS fails there: DEPARTURES.md.)
  bool begins(const net::slot& slot) const override {
    const dns::name_view asked = slot.query.name_lowered(), first = list_.front().wire();
    return list_.size() > 1 && asked.size() > first.size() && dns::is_subdomain(asked, first);
  }
  std::vector<dns::name> list_of(const net::slot&) const override { return list_; }

private:
  std::vector<dns::name> list_;
};

/// As in CoreDNS `@kubernetes` wins over a file, and does nothing without `pods verified`. Null: nobody knows any list.
std::unique_ptr<search_lists> search_lists_of(const config::server_block& block, const loop_resources& resources) {
  const config::autopath_options& options = *block.autopath;
  if (options.provider != "kubernetes" || !block.kubernetes)
    return options.from_file ? search_list_of_file(options.search) : nullptr;
  if (block.kubernetes->pods != config::pod_mode::verified)
    return nullptr;
  return search_lists_of_pods(*block.kubernetes, resources.clusters.at(block.kubernetes->identity()),
                              options.search_of_us);
}

} // namespace

stage::step autopath_stage::request(net::slot& slot, stage_scope&) {
  if (!lists_ || !slot.may_wait || zones_.longest(slot.query.name_lowered()) == config::zone_index::none)
    return step::next;
  return lists_->begins(slot) ? step::taken : step::next;
}

void autopath_stage::take(net::slice one) {
  std::vector<dns::name> list;
  one.each([&](net::slot& slot) { list = lists_->list_of(slot); });
  walk_search_list(subqueries_, std::move(one), std::move(list), successes_);
}

std::unique_ptr<search_lists> search_list_of_file(std::vector<dns::name> list) {
  return std::make_unique<file_list>(std::move(list));
}

void make_autopath(stage_site& site) {
  if (net::subquery_endpoint* const asks = site.resources.subqueries)
    site.add<autopath_stage>(*site.block.autopath, search_lists_of(site.block, site.resources), *asks,
                             site.counter("coredns_autopath_success_total", "Counter of requests that did autopath."));
}

} // namespace troupe
