// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/zone_keeper.hpp"

#include "actors/cluster/usable_table.hpp"
#include "net/zone/imports.hpp"

#include <algorithm>
#include <caf/actor_system_config.hpp>

namespace troupe {

namespace {

/// What was published last if it can be begun with, else null.
zone::table_ptr usable(const zone::table_ptr& last, const zone::namespace_cell& cell, const actor_stats& stats) {
  return usable_table(last, stats, zone::keeper::verify, "the table of namespace " + cell.name);
}

} // namespace

zone_keeper::zone_keeper(caf::actor_config& cfg, actor_context& shared, const actor_identity& who,
                         cluster_tables& tables, zone::namespace_cell_ptr cell)
  : floating<zone_keeper_actor>(cfg, shared, who), tables_(tables), cell_(std::move(cell)),
    keeper_(cell_->name, usable(cell_->tables.snapshot(), *cell_, stats()), tables.keep),
    from_nothing_(cell_->tables.version() != 0 && keeper_.current()->empty()),
    tell_all_rows_(cell_->tables.version() != 0) {
  if (tables.keep.imports) {
    const auto last = cell_->imports.snapshot();
    const auto begun_with = usable(last, *cell_, stats());
    from_nothing_ |= last != begun_with;
    imports_.emplace(cell_->name, begun_with, tables.keep);
  }
}

zone_keeper::behavior_type zone_keeper::make_behavior() {
  return {
    [this](const namespace_changes& message) { on_changes(message.mine); },
    [this](list_mark mark) { on_list(mark); },
    [this](rows_atom) {
      // As of the last build; what is not built yet follows as differences. Before the list that a restarted keeper
      // waits for, its rows may be too few: they are told at that list's end.
      if (!tell_all_rows_)
        tell_rows();
    },
    [this](publish_atom) { publish(); },
    [this](verify_atom) {
      use_of(keeper_.current().get());
      zone::keeper::verify(*keeper_.current());
      if (imports_)
        zone::keeper::verify(*imports_->current());
    },
  };
}

void zone_keeper::on_changes(const std::vector<const kube::change*>& changes) {
  for (const kube::change* change : changes) {
    keeper_.apply(*change);
    if (const auto* slice = std::get_if<kube::endpoint_slice>(&change->object))
      note_latency(*slice);
    if (!imports_)
      continue;
    if (const auto import = zone::as_import(*change))
      imports_->apply(*import);
  }
  publish_soon();
}

/// As CoreDNS, which asks what the service is when the slice comes: one that is not known yet counts nowhere.
void zone_keeper::note_latency(const kube::endpoint_slice& changed) {
  if (changed.last_change_trigger == kube::timestamp{})
    return;
  if (const auto kind = keeper_.kind_of(changed.service))
    latencies_.emplace_back(*kind, changed.last_change_trigger);
}

void zone_keeper::observe_latencies() {
  const auto now = std::chrono::system_clock::now();
  for (auto& [kind, changed] : std::exchange(latencies_, {}))
    tables_.counts.dns_programming(kind == kube::service::kind::headless ? "headless_with_selector" : "cluster_ip",
                                   now - changed);
}

void zone_keeper::on_list(list_mark mark) {
  // To the keeper of imports, ServiceImports are its Services.
  const bool of_imports = mark.resource == kube::resource::service_import;
  const auto there = of_imports ? kube::resource::service : mark.resource;
  const bool for_imports = imports_ && mark.resource != kube::resource::service;
  if (mark.begins) {
    if (!of_imports)
      keeper_.list_begin(mark.resource);
    if (for_imports)
      imports_->list_begin(there);
    begun_[static_cast<size_t>(mark.resource)] = true;
  } else {
    if (!of_imports)
      keeper_.list_end(mark.resource);
    if (for_imports)
      imports_->list_end(there);
    ended_.push_back(mark.resource);
    publish_soon();
  }
}

/// What is in the mailbox already comes first, so that a burst is published once.
void zone_keeper::publish_soon() {
  if (waits_for_first_lists() || std::exchange(publish_queued_, true))
    return;
  const auto wait = published_at_ + shortest_interval - std::chrono::steady_clock::now();
  if (wait > std::chrono::nanoseconds{0})
    delayed_send(this, wait, publish_atom::value);
  else
    send(this, publish_atom::value);
}

void zone_keeper::tell_rows() {
  tell(shared().where.find<reverse_keeper_actor>(tables_.named("reverse")),
       reverse_replacement{cell_->name, keeper_.reverse_rows()});
}

/// With nothing to begin with: lists of all that is read of a namespace, from their beginning.
bool zone_keeper::all_listed() const noexcept {
  return std::all_of(kube::all_resources.begin(), kube::all_resources.end(), [this](kube::resource resource) {
    const bool elsewhere = resource == kube::resource::namespace_object || resource == kube::resource::pod;
    return elsewhere || !tables_.keep.wants(resource) ||
           (begun_[static_cast<size_t>(resource)] && std::find(ended_.begin(), ended_.end(), resource) != ended_.end());
  });
}

void zone_keeper::publish() {
  publish_queued_ = false;
  use_of(keeper_.current().get());
  if (from_nothing_ && !all_listed())
    return; // readers have the old table meanwhile
  from_nothing_ = false;
  told_to_publish_ = true;
  auto built = keeper_.build();
  if (built.table) {
    cell_->tables.publish(built.table);
    published_at_ = std::chrono::steady_clock::now();
  }
  if (imports_) {
    auto imported = imports_->build(); // imports have no part in reverse names
    built.alters_dns |= imported.alters_dns;
    if (imported.table) {
      cell_->imports.publish(std::move(imported.table));
      published_at_ = std::chrono::steady_clock::now();
    }
  }
  observe_latencies();
  if (tell_all_rows_ && !ended_.empty()) {
    tell_rows();
    tell_all_rows_ = false;
  } else if (!built.reverse.empty()) {
    tell(shared().where.find<reverse_keeper_actor>(tables_.named("reverse")), reverse_update{std::move(built.reverse)});
  }
  const auto root_owner = shared().where.find<namespaces_actor>(tables_.named("namespaces"));
  if (built.alters_dns)
    tell(root_owner, altered_atom::value);
  for (auto resource : std::exchange(ended_, {}))
    tell(root_owner, listed{cell_->name, resource});
}

} // namespace troupe
