// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cluster_children.hpp"

#include "actors/cluster/apex.hpp"
#include "actors/cluster/namespaces.hpp"
#include "actors/cluster/pod_keeper.hpp"
#include "actors/cluster/reverse_keeper.hpp"
#include "actors/cluster/reverse_server.hpp"
#include "actors/cluster/watcher.hpp"

namespace troupe {

namespace {

void add_data(tree& out, const spawn_site& where, cluster_tables& tables) {
  const auto shared_tables = std::ref(tables);
  out.push_back(where.make<reverse_keeper>({tables.named("reverse"), "reverse", "supervisor", {}}, shared_tables));
  out.push_back(where.make<namespaces>({tables.named("namespaces"), "namespaces", "supervisor", {}}, shared_tables));
  if (tables.keep.pods)
    out.push_back(where.make<pod_keeper>({tables.named("pods"), "pods", "supervisor", {}}, shared_tables));
  for (auto resource : {kube::resource::namespace_object, kube::resource::service, kube::resource::endpoint_slice,
                        kube::resource::pod, kube::resource::service_import})
    if (tables.keep.wants(resource))
      out.push_back(
        where.make<watcher>({tables.named(watcher::name_of(resource)), watcher::name_of(resource), "supervisor", {}},
                            where.worker, shared_tables, resource));
}

} // namespace

tree cluster_children(const spawn_site& where, cluster_tables& tables,
                      std::span<const std::unique_ptr<cluster_on_loop>> on_loop) {
  tree out;
  add_data(out, where, tables);
  for (size_t i = 0; i < on_loop.size(); ++i) {
    const auto cluster = std::ref(*on_loop[i]);
    const std::string at = "/" + std::to_string(i);
    out.push_back(where.make<apex>({tables.named("apex") + at, "apex", "supervisor", i}, where.loops[i], cluster));
    out.push_back(where.make<reverse_server>(
      {tables.named("reverse") + at, "reverse-server", tables.named("reverse"), i}, where.loops[i], cluster));
  }
  return out;
}

} // namespace troupe
