// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/namespaces.hpp"

#include "actors/cluster/usable_table.hpp"
#include "actors/cluster/watcher.hpp"
#include "actors/cluster/zone_keeper.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/spawning.hpp"
#include "messages/notify.hpp"

#include <algorithm>

namespace troupe {

namespace {

const std::string& namespace_of(const kube::change& change) {
  return std::visit(
    [](auto& object) -> const std::string& {
      if constexpr (requires { object.namespace_; })
        return object.namespace_;
      else
        return object.name;
    },
    change.object);
}

/// From the root published last, if it can be begun with; else from the cells.
zone::root_builder begin_root(cluster_tables& tables, const actor_stats& stats) {
  const auto check = [](const zone::root& root) { zone::verify(root); };
  if (const auto last = usable_table(tables.root.snapshot(), stats, check, "the root of all namespaces"))
    return zone::root_builder{*last, &tables.cells};
  return {tables.cells, tables.synced, zone::serial_number::present(tables.wall_clock())};
}

} // namespace

namespaces::namespaces(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, cluster_tables& tables)
  : floating<namespaces_actor>(cfg, shared, who), tables_(tables), root_(begin_root(tables, stats())),
    serial_(root_.serial()), restarted_(stats().restarts != 0) {
  // After a restart: keepers live on, and the first sync is behind us.
  for (auto& [name, cell] : tables.cells.all())
    if (const auto keeper = tables_.named("zone/" + name);
        cell->tables.version() != 0 || shared.where.find<zone_keeper_actor>(keeper))
      keepers_[name] = {keeper};
  synced_ = tables.synced;
}

namespaces::behavior_type namespaces::make_behavior() {
  if (restarted_) {
    relist();  // what was in the mailbox is lost, the credit for it too
    altered(); // and maybe that something was
  }
  publish(); // at once: what was there may not have been whole
  delayed_send(this, retire_after, idle_atom::value);
  return {
    [this](const chunk_ptr& chunk) { on_chunk(chunk); },
    [this](const listed& message) { on_listed(message); },
    [this](altered_atom) { altered(); },
    [this](resync_atom, const std::string& namespace_) {
      if (keepers_.contains(namespace_))
        relist();
      else // it failed on its way out
        end_keeper(tables_.named("zone/" + namespace_));
    },
    [this](number_atom) {
      number_queued_ = false;
      number();
    },
    [this](publish_atom) { publish(); },
    [this](idle_atom) {
      retire_vacant();
      delayed_send(this, retire_after, idle_atom::value);
    },
    [this](verify_atom) { verify_published(tables_.root); },
  };
}

void namespaces::on_chunk(const chunk_ptr& chunk) {
  use_of(tables_.root.snapshot().get());
  if (chunk->resource == kube::resource::pod)
    on_pods(chunk);
  else
    on_rest(chunk);
  tell(shared().where.find<watcher_actor>(tables_.named(watcher::name_of(chunk->resource))), grant_atom::value);
}

/// Pods belong to one table, whatever their namespace.
void namespaces::on_pods(const chunk_ptr& chunk) {
  const bool ends = chunk->kind == kube::chunk::what::list_end;
  if (ends && !synced_)
    awaited_[static_cast<size_t>(kube::resource::pod)].insert(std::string{});
  tell(shared().where.find<pods_actor>(tables_.named("pods")), chunk);
  if (ends)
    list_has_ended(kube::resource::pod);
}

void namespaces::on_rest(const chunk_ptr& chunk) {
  switch (chunk->kind) {
  case kube::chunk::what::list_begin:
    on_list_begin(chunk->resource);
    break;
  case kube::chunk::what::objects:
    on_objects(chunk);
    break;
  case kube::chunk::what::list_end:
    on_list_end(chunk->resource);
    break;
  }
}

void namespaces::on_objects(const chunk_ptr& chunk) {
  if (chunk->resource == kube::resource::namespace_object) {
    for (const kube::change& change : chunk->changes)
      if (root_.apply(change))
        altered();
  } else {
    std::unordered_map<std::string_view, std::vector<const kube::change*>> by_namespace;
    for (const kube::change& change : chunk->changes)
      by_namespace[namespace_of(change)].push_back(&change);
    for (auto& [namespace_, changes] : by_namespace)
      tell(keeper_of(std::string{namespace_}), namespace_changes{chunk, std::move(changes)});
  }
  publish_soon();
}

void namespaces::on_list_begin(kube::resource resource) {
  if (resource == kube::resource::namespace_object)
    root_.list_begin();
  else
    tell_keepers({resource, true});
}

void namespaces::on_list_end(kube::resource resource) {
  const auto index = static_cast<size_t>(resource);
  if (resource == kube::resource::namespace_object) {
    if (root_.list_end())
      altered();
  } else {
    if (!synced_)
      for (auto& [namespace_, to] : keepers_)
        awaited_[index].insert(namespace_);
    tell_keepers({resource, false});
  }
  list_has_ended(resource);
  publish_soon();
}

void namespaces::list_has_ended(kube::resource resource) {
  listed_[static_cast<size_t>(resource)] = true;
  host::expect_free_memory();
  if (!synced_ && all_listed())
    for (auto& [namespace_, to] : keepers_)
      tell(shared().where.find<zone_keeper_actor>(to.keeper), publish_atom::value);
  check_synced();
}

void namespaces::on_listed(const listed& message) {
  awaited_[static_cast<size_t>(message.resource)].erase(message.namespace_);
  check_synced();
}

bool namespaces::all_listed() const {
  return std::ranges::all_of(kube::all_resources, [&](auto resource) {
    return !tables_.keep.wants(resource) || listed_[static_cast<size_t>(resource)];
  });
}

/// Names are never denied before everything was listed once and is published.
void namespaces::check_synced() {
  if (synced_ || !all_listed())
    return;
  if (std::any_of(std::begin(awaited_), std::end(awaited_), [](auto& keepers) { return !keepers.empty(); }))
    return;
  synced_ = true;
  root_.synced();
  serial_.begin(tables_.wall_clock());
  root_.touched(serial_.value());
  publish();
  tables_.synced = true;
  tell(shared().where.find<notify_actor>("notify"), renumbered_atom::value);
}

/// Before everything is listed there is no number to change.
void namespaces::altered() {
  if (!synced_)
    return;
  serial_.changed(tables_.wall_clock());
  number();
}

/// The tables are published before anybody says that they altered, so a number stands for no less than they hold.
void namespaces::number() {
  const auto now = tables_.wall_clock();
  if (serial_.advance(now)) {
    root_.touched(serial_.value());
    publish();
    tell(shared().where.find<notify_actor>("notify"), renumbered_atom::value);
  }
  if (const auto due = serial_.due(); due && !std::exchange(number_queued_, true))
    delayed_send(this, *due - now, number_atom::value);
}

void namespaces::publish_soon() {
  if (!std::exchange(publish_queued_, true))
    send(this, publish_atom::value);
}

void namespaces::publish() {
  publish_queued_ = false;
  if (auto root = root_.build())
    tables_.root.publish(std::move(root));
}

zone_keeper_actor namespaces::keeper_of(const std::string& namespace_) {
  auto found = keepers_.find(namespace_);
  if (found == keepers_.end()) {
    start_keeper(namespace_);
    found = keepers_.find(namespace_);
  }
  found->second.told = true;
  return shared().where.find<zone_keeper_actor>(found->second.keeper);
}

void namespaces::start_keeper(const std::string& namespace_) {
  const child_ptr child = child_for(root_.cell(namespace_));
  keepers_[namespace_] = {child->who.name};
  publish(); // a successor of this actor must find the cell that the keeper writes to
  const auto started = child->start();
  tell(shared().where.find<supervisor_actor>("supervisor"), adopt{child, started});
  // A list under way marks from here: all it said about this namespace is still to come.
}

child_ptr namespaces::child_for(const zone::namespace_cell_ptr& cell) {
  const actor_identity who{tables_.named("zone/" + cell->name), "zone", identity().name, {}};
  auto child = make_child(who, starter<zone_keeper>(home_system(), std::ref(shared()), who, std::ref(tables_), cell));
  child->restarted = [&where = shared().where, owner = identity().name, namespace_ = cell->name] {
    tell(where.find<namespaces_actor>(owner), resync_atom::value, namespace_);
  };
  return child;
}

void namespaces::tell_keepers(list_mark mark) {
  for (auto& [namespace_, to] : keepers_) {
    to.told = true;
    tell(shared().where.find<zone_keeper_actor>(to.keeper), mark);
  }
}

/// Clusters that make and delete namespaces all day are not to end with a keeper for each. Nothing is on its way to a
/// keeper that was told nothing for so long, and what it published is all it has. Should the namespace come again, the
/// next keeper begins with a cell of its own.
void namespaces::retire_vacant() {
  const auto has_no = [](const zone::table_ptr& table) { return !table || table->empty(); };
  for (auto& [namespace_, cell] : tables_.cells.all()) {
    const auto to = keepers_.find(namespace_);
    const bool told = to != keepers_.end() && std::exchange(to->second.told, false);
    if (told || !synced_ || cell->exists || !has_no(cell->tables.snapshot()) || !has_no(cell->imports.snapshot()))
      continue;
    if (to != keepers_.end()) {
      end_keeper(to->second.keeper);
      keepers_.erase(to);
    }
    root_.forget(namespace_);
  }
  publish();
}

/// It leaves the directory at once: nobody is to tell it anything more.
void namespaces::end_keeper(const std::string& keeper) {
  const auto actor = shared().where.find<caf::actor>(keeper);
  if (!actor)
    return;
  shared().where.leave(keeper, actor.address());
  anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

void namespaces::relist() {
  for (auto resource : kube::all_resources)
    tell(shared().where.find<watcher_actor>(tables_.named(watcher::name_of(resource))), relist_atom::value);
}

} // namespace troupe
