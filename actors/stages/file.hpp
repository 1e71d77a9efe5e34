// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "actors/stages/transferable.hpp"
#include "actors/stages/zone_set.hpp"
#include "net/master/zone_answer.hpp"
#include "net/subquery_endpoint.hpp"

#include <optional>

namespace troupe {

/// `file` and `auto`: answers questions for zones from their tables. Their aliases' targets elsewhere are asked of the
/// whole server. Where a zone has no table it is SERVFAIL. Thread: the loop's.
class file_stage final : public stage, public transferable {
public:
  struct zones {
    std::shared_ptr<const zone::published<zone_set>> all;
    std::optional<config::zone_index> origins; ///< if they are said, nothing else is looked at
    bool fall_through = false;
    config::zone_index fall_through_zones;
  };

  /// `name`: the directive's. `last`: nobody stands behind it in its block. `noted`: which wildcard has answered is
  /// noted. `subqueries`: null if nothing is to be asked.
  file_stage(std::string_view name, zones served, bool last, bool noted, net::subquery_endpoint* subqueries);

  std::string_view name() const noexcept override { return name_; }
  step request(net::slot& slot, stage_scope& scope) override;
  void take(net::slice one) override;

  std::unique_ptr<zone::zone_records> records_of(dns::name_view zone) const override;
  bool holds(dns::name_view name) const override;
  bool complete() const override { return true; }

private:
  using table_reader = zone::reader<master::zone_table>;

  static step say(net::slot& slot, stage_scope& scope, dns::rcode code);
  bool is_meant(dns::name_view lowered) const noexcept;
  void follow();
  table_reader* find(dns::name_view lowered) noexcept;
  bool falls_through(const net::slot& slot) const noexcept;

  std::string_view name_;
  zones zones_;
  zone::reader<zone_set> newest_;
  std::shared_ptr<const zone_set> known_; ///< that tables_ belongs to
  std::vector<table_reader> tables_;      ///< of its sources
  bool last_, noted_;
  net::subquery_endpoint* subqueries_;
  master::zone_answer scratch_;
};

struct stage_site;

/// Adds such a stage for `directive`.
void add_file_stage(stage_site& site, std::string_view directive, file_stage::zones served);

} // namespace troupe
