// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "config/directives/autopath.hpp"
#include "net/metrics.hpp"
#include "net/subquery_endpoint.hpp"

#include <memory>

namespace troupe {

/// Who knows the search lists of clients. Thread: the loop's.
class search_lists {
public:
  virtual ~search_lists() = default;
  /// True if the name asked for is one that the client's resolver made with the first name of its search list.
  virtual bool begins(const net::slot& slot) const = 0;
  /// Where `begins`: the whole list, the root last.
  virtual std::vector<dns::name> list_of(const net::slot& slot) const = 0;
};

/// `autopath`: walks the client's search list for it, so that one question does what would take several.
class autopath_stage final : public stage {
public:
  autopath_stage(const config::autopath_options& options, std::unique_ptr<search_lists> lists,
                 net::subquery_endpoint& subqueries, net::counter& successes)
    : zones_(options.zones), lists_(std::move(lists)), subqueries_(subqueries), successes_(successes) {}

  std::string_view name() const noexcept override { return "autopath"; }
  /// A slot that may not wait goes on as it is: its client can walk the list itself.
  step request(net::slot& slot, stage_scope&) override;
  void take(net::slice one) override;

private:
  const config::zone_index zones_;
  const std::unique_ptr<search_lists> lists_; ///< null: nobody knows any
  net::subquery_endpoint& subqueries_;
  net::counter& successes_;
};

/// One list for all: that of a file in resolv.conf's format.
std::unique_ptr<search_lists> search_list_of_file(std::vector<dns::name> list);

} // namespace troupe
