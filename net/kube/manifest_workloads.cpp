// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifest_objects.hpp"

#include "net/kube/stable_hash.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace troupe::kube::manifest {

namespace {

using key = std::pair<std::string, std::string>; // namespace and name

/// `size` letters that a hash stands for, of those that Kubernetes makes names of.
std::string letters(const std::string& text, size_t size) {
  constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string out;
  for (uint32_t round = 0; out.size() < size; ++round)
    out += alphabet[stable_hash(fmt::format("{}#{}", text, round)) % alphabet.size()];
  return out;
}

class pod_maker {
public:
  /// The pods that are there now are those that count as replicas.
  explicit pod_maker(collection& in) : in_(in) {
    for (auto& [key, pod] : in.pods)
      if (pod.running)
        for (auto& [label, value] : pod.tags)
          there_[{key.first, label, value}].push_back(&pod);
  }

  /// A Deployment's pods are called like those of its ReplicaSet: NAME-HASH-LETTERS.
  void make_deployment(const workload_object& d) {
    const std::string stem = d.meta.name + "-" + letters(d.meta.namespace_ + "/" + d.meta.name, 10);
    int64_t there = count_selected(d);
    for (int64_t i = 0; there < d.replicas && room(d); ++i) {
      if (i > 2 * max_replicas)
        return in_.errors.push_back({d.at.file, d.at.line, "no names are left for its pods"});
      if (add(d, stem + "-" + letters(stem + std::to_string(i), 5)))
        ++there;
    }
  }

  /// A StatefulSet's are called NAME-ORDINAL, which is also their host name below its service.
  void make_stateful_set(const workload_object& s) {
    for (int64_t i = 0; i < s.replicas && room(s); ++i) {
      const std::string name = fmt::format("{}-{}", s.meta.name, s.first_ordinal + i);
      if (!is_label(name))
        return in_.errors.push_back({s.at.file, s.at.line, fmt::format("{} is no host name", quote(name))});
      add(s, name);
    }
  }

private:
  bool room(const workload_object& of) {
    if (made_ < max_replicas)
      return true;
    in_.errors.push_back({of.at.file, of.at.line, fmt::format("more than {} pods are to be made", max_replicas)});
    return false;
  }

  int64_t count_selected(const workload_object& d) const {
    int64_t count = 0;
    if (d.selector.empty())
      return count; // by expressions, which are not read
    const auto& [label, value] = *d.selector.begin();
    const auto found = there_.find({d.meta.namespace_, label, value});
    if (found == there_.end())
      return count;
    for (const pod_object* pod : found->second)
      count += std::includes(pod->tags.begin(), pod->tags.end(), d.selector.begin(), d.selector.end());
    return count;
  }

  /// False: there is one of that name.
  bool add(const workload_object& from, const std::string& name) {
    pod_object pod = from.pod;
    pod.meta = {from.meta.namespace_, name, {}};
    if (from.stateful) {
      pod.hostname = name;
      pod.tags["statefulset.kubernetes.io/pod-name"] = name;
      pod.tags["apps.kubernetes.io/pod-index"] = name.substr(from.meta.name.size() + 1);
    }
    const bool added = in_.pods.try_emplace({from.meta.namespace_, name}, std::move(pod)).second;
    made_ += added;
    return added;
  }

  collection& in_;
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const pod_object*>> there_; ///< by label
  int64_t made_ = 0;
};

/// Why the mirroring controller leaves these alone; empty: it does not.
std::string why_not(const key& of, const collection& in, const std::set<key>& with_slices) {
  const auto service = in.services.find(of);
  if (service == in.services.end())
    return "there is no Service of that name";
  if (!service->second.selector.empty())
    return "its Service has a selector";
  return with_slices.contains(of) ? "its Service has EndpointSlices" : "";
}

} // namespace

void make_up_pods(collection& in) {
  pod_maker make(in);
  for (auto& [key, set] : in.stateful_sets)
    make.make_stateful_set(set);
  for (auto& [key, deployment] : in.deployments)
    make.make_deployment(deployment);
}

/// As Kubernetes' controller gives them to a slice that mirrors.
static labels mirrored_tags(const endpoints_object& from, const std::string& service) {
  labels tags = from.tags;
  tags["kubernetes.io/service-name"] = service;
  tags["endpointslice.kubernetes.io/managed-by"] = "endpointslicemirroring-controller.k8s.io";
  return tags;
}

void mirror_endpoints(collection& in) {
  std::set<key> with_slices;
  for (auto& [key, slice] : in.slices)
    with_slices.insert({slice.raw.meta.namespace_, slice.raw.service});
  for (auto& [key, endpoints] : in.endpoints) {
    if (const std::string why = why_not(key, in, with_slices); !why.empty()) {
      in.warnings.push_back({endpoints.at.file, endpoints.at.line,
                             fmt::format("Endpoints {}/{} is left out: {}", key.first, key.second, why)});
      continue;
    }
    for (size_t i = 0; i < endpoints.subsets.size(); ++i) {
      slice_object made{endpoints.at, mirrored_tags(endpoints, key.second), std::move(endpoints.subsets[i])};
      made.raw.meta.name = fmt::format("{}-mirrored-{}", key.second, i);
      in.slices.try_emplace({key.first, made.raw.meta.name}, std::move(made));
    }
  }
}

} // namespace troupe::kube::manifest
