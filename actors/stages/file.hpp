// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "actors/stages/transferable.hpp"
#include "config/zone_index.hpp"
#include "net/master/zone_answer.hpp"
#include "net/subquery_endpoint.hpp"

namespace troupe {

/// Answers questions for zones from their tables. Their aliases' targets elsewhere are asked of the whole server. Where
/// a zone has no table it is SERVFAIL.
class file_stage final : public stage, public transferable {
public:
  struct zones {
    std::vector<master::zone_table_ptr> tables; ///< null: not there
    config::zone_index zone_of;                 ///< over `tables`
    bool fall_through = false;
    config::zone_index fall_through_zones;
  };

  /// `last`: nobody stands behind it in its block. `subqueries`: null if nothing is to be asked.
  file_stage(zones served, bool last, net::subquery_endpoint* subqueries)
    : zones_(std::move(served)), last_(last), subqueries_(subqueries) {}

  std::string_view name() const noexcept override { return "file"; }
  step request(net::slot& slot, stage_scope& scope) override;
  void take(net::slice one) override;

  std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const override;
  bool holds(dns::name_view name) const override { return zones_.zone_of.longest(name) != config::zone_index::none; }
  bool complete() const override { return true; }

private:
  static step say(net::slot& slot, stage_scope& scope, dns::rcode code);
  bool falls_through(const net::slot& slot) const noexcept;

  zones zones_;
  bool last_;
  net::subquery_endpoint* subqueries_;
  master::zone_answer scratch_;
};

} // namespace troupe
