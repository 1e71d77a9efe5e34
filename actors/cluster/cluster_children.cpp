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

void add_data(tree& out, const spawn_site& where, cluster_tables& of) {
  const auto tables = std::ref(of);
  out.push_back(where.make<reverse_keeper>({of.named("reverse"), "reverse", "supervisor", {}}, tables));
  out.push_back(where.make<namespaces>({of.named("namespaces"), "namespaces", "supervisor", {}}, tables));
  if (of.keep.pods)
    out.push_back(where.make<pod_keeper>({of.named("pods"), "pods", "supervisor", {}}, tables));
  for (auto what : {kube::resource::namespace_object, kube::resource::service, kube::resource::endpoint_slice,
                    kube::resource::pod, kube::resource::service_import})
    if (of.keep.wants(what))
      out.push_back(where.make<watcher>({of.named(watcher::name_of(what)), watcher::name_of(what), "supervisor", {}},
                                        where.worker, tables, what));
}

} // namespace

tree cluster_children(const spawn_site& where, cluster_tables& of,
                      std::span<const std::unique_ptr<cluster_on_loop>> on_loop) {
  tree out;
  add_data(out, where, of);
  for (size_t i = 0; i < on_loop.size(); ++i) {
    const auto here = std::ref(*on_loop[i]);
    const std::string at = "/" + std::to_string(i);
    out.push_back(where.make<apex>({of.named("apex") + at, "apex", "supervisor", i}, where.loops[i], here));
    out.push_back(where.make<reverse_server>({of.named("reverse") + at, "reverse-server", of.named("reverse"), i},
                                             where.loops[i], here));
  }
  return out;
}

} // namespace troupe
