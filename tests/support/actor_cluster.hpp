// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_children.hpp"
#include "actors/cluster/namespaces.hpp"
#include "actors/cluster/pod_keeper.hpp"
#include "actors/cluster/reverse_keeper.hpp"
#include "actors/cluster/watcher.hpp"
#include "actors/cluster/zone_keeper.hpp"
#include "tests/support/actor_fixture.hpp"

namespace troupe::test {

inline kube::change came(const std::string& namespace_, const std::string& service, const std::string& address) {
  kube::service out;
  out.namespace_ = namespace_;
  out.name = service;
  out.cluster_ips = {*kube::address::from_text(address)};
  return {kube::change::what::upsert, out};
}

inline kube::change came(const std::string& namespace_) {
  return {kube::change::what::upsert, kube::namespace_object{namespace_, ""}};
}

inline kube::change went(kube::change came_once) {
  came_once.kind = kube::change::what::remove;
  return came_once;
}

/// One cluster whose objects come from chunks in memory, with the actors that make tables of them, under a supervisor.
class cluster_fixture : public actor_fixture {
public:
  using enum kube::resource;

  cluster_fixture() { tables.keep.endpoints = true; }
  ~cluster_fixture() override { end(); }

  /// What a source says of one resource, begin and end included.
  void says(kube::resource what, std::vector<kube::change> changes) {
    using kind = kube::chunk::what;
    for (auto& chunk : {kube::chunk{kind::list_begin, what, {}}, kube::chunk{kind::objects, what, std::move(changes)},
                        kube::chunk{kind::list_end, what, {}}})
      tables.manifests.push_back(std::make_shared<const kube::chunk>(chunk));
  }

  /// A watch event, as if its source had sent it.
  void event(kube::resource of_what, std::vector<kube::change> changes,
             kube::chunk::what kind = kube::chunk::what::objects) {
    const auto chunk = std::make_shared<const kube::chunk>(kube::chunk{kind, of_what, std::move(changes)});
    tell(shared.where.find<namespaces_actor>("namespaces"), chunk_ptr{chunk});
  }

  void says_two_namespaces() {
    says(namespace_object, {came("red"), came("blue")});
    says(service, {came("red", "a", "10.96.0.1"), came("blue", "b", "10.96.0.2")});
    says(endpoint_slice, {});
  }

  tree data_children() { return cluster_children({system, shared, nullptr, {}}, tables, {}); }

  void start() {
    supervise(data_children());
    settle();
  }

  /// Long enough for publishing; keepers do it at most every half millisecond.
  void settle() {
    run();
    for (int i = 0; i < 4; ++i)
      pass(std::chrono::milliseconds(1));
  }

  zone::namespace_cell_ptr cell(const std::string& name) const {
    const auto root = tables.root.snapshot();
    const auto* found = root->find(zone::octets_of(name));
    return found ? *found : nullptr;
  }

  /// True if that ServiceImport has an answer.
  bool knows_import(const std::string& namespace_, const std::string& name) const {
    const auto where = cell(namespace_);
    const auto table = where ? where->imports.snapshot() : nullptr;
    return table && table->find(zone::octets_of(name));
  }

  bool knows_pod(const std::string& address) const {
    return tables.pods.snapshot()->find(zone::address_key(*kube::address::from_text(address))) != nullptr;
  }

  /// True if that service has an answer.
  bool knows(const std::string& namespace_, const std::string& service) const {
    const auto where = cell(namespace_);
    const auto table = where ? where->tables.snapshot() : nullptr;
    return table && table->find(zone::octets_of(service));
  }

  bool knows_address(const std::string& text) const {
    bool found = false;
    tables.reverse.snapshot()->for_each(
      [&](const zone::reverse_view& row) { found |= row.address == *kube::address::from_text(text); });
    return found;
  }

  cluster_tables tables{metered.server};
};

} // namespace troupe::test
