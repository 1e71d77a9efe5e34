// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/check.hpp"
#include "net/kube/manifests.hpp"
#include "net/kube/yaml.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

/// What manifests say, before addresses and endpoints are made up. Internal to net/kube.
namespace troupe::kube::manifest {

using labels = label_map;

/// Where an object stands.
struct place {
  std::string file;
  int line = 0;
};

struct target_port {
  std::string name; ///< of a container's port; empty: `number`
  int64_t number = 0;
};

struct service_object {
  place at;
  raw_service raw;
  labels tags;
  labels selector;                  ///< empty: endpoints come from EndpointSlices
  std::vector<target_port> targets; ///< one per port
  std::vector<bool> families;       ///< of ipFamilies: true for IPv6; empty: not said
  bool not_ready_too = false;       ///< publishNotReadyAddresses
};

struct pod_object {
  place at;
  raw_meta meta;
  labels tags;
  std::vector<std::string> addresses; ///< empty: one is made up
  std::string hostname, subdomain;
  std::vector<raw_port> ports;
  bool running = true, ready = true, terminating = false;
};

struct slice_object {
  place at;
  labels tags;
  raw_slice raw;
};

struct import_object {
  place at;
  raw_import raw;
};

/// A Deployment or a StatefulSet, from which pods are made as its controller would make them.
struct workload_object {
  place at;
  raw_meta meta;
  bool stateful = false;
  int64_t replicas = 1, first_ordinal = 0;
  labels selector;
  pod_object pod; ///< its template
};

/// The older kind Endpoints: a slice for each of its subsets, ready addresses alone.
struct endpoints_object {
  place at;
  labels tags;
  std::vector<raw_slice> subsets;
};

/// By namespace and name, so that nothing depends on the order of files.
template <class Object>
using by_name = std::map<std::pair<std::string, std::string>, Object>;

struct collection {
  struct namespace_entry {
    place at;
    labels tags;
  };
  std::map<std::string, namespace_entry> namespaces;
  by_name<service_object> services;
  by_name<pod_object> pods;
  by_name<slice_object> slices;
  by_name<import_object> imports;
  by_name<workload_object> deployments, stateful_sets;
  by_name<endpoints_object> endpoints;
  std::vector<problem> warnings, errors;
};

/// Bounds of what workloads may make: more would not find addresses.
inline constexpr int64_t max_replicas = 50'000; ///< over all of them
inline constexpr int64_t max_ordinal = 1 << 30;

/// Adds the pods that Deployments and StatefulSets make, beside those of them that are there already: a selector's
/// pods count as replicas of a Deployment, a pod of the right name as that of a StatefulSet. Names are stable.
void make_up_pods(collection& in);

/// Adds a slice for each subset of each Endpoints object, as the mirroring controller does: not where the service's
/// endpoints come from a selector or stand in EndpointSlices, and not without a service.
void mirror_endpoints(collection& in);

/// Adds one document: an object or a list of them.
void collect(const std::string& file, const yaml::node& document, collection& into);

/// Gives an address to each service and pod that has none: from 10.96.0.0/16 and 10.244.0.0/16 by a hash of the name,
/// next to it if that is taken.
void make_up_addresses(collection& in);

/// One slice per service with a selector, of the pods that it selects; more where named ports differ from pod to pod.
std::vector<raw_slice> make_up_slices(const collection& in);

} // namespace troupe::kube::manifest
