// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/label_selector.hpp"
#include "config/setup.hpp"
#include "config/zone_index.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::config {

inline constexpr uint32_t max_kubernetes_ttl = 3600; ///< seconds

enum class pod_mode : uint8_t { disabled, insecure, verified };

/// `kubernetes [ZONES...] { ... }` with CoreDNS's defaults; `manifests` is Troupe's own.
struct kubernetes_options {
  place at;

  std::vector<dns::name> zones; ///< lower-cased, in the order of the Corefile; CIDR zones as reverse zones
  zone_index zone_of;           ///< longest of `zones`
  size_t primary = 0; ///< the zone that PTR targets end in: the first that is not below in-addr.arpa or ip6.arpa

  std::vector<std::string> manifests;         ///< absolute paths of files or folders; not empty: no API server
  std::string kubeconfig, kubeconfig_context; ///< as written; wins over `endpoint`
  std::string endpoint;                       ///< URL; empty with no kubeconfig: the in-cluster service account
  std::string tls_cert, tls_key, tls_ca;      ///< files, used with `endpoint` only

  std::vector<std::string> namespaces; ///< sorted; empty: all
  label_selector labels;               ///< of Services, Pods and EndpointSlices
  label_selector namespace_labels;     ///< of Namespaces
  bool selects_namespaces = false;     ///< `namespace_labels` was given
  pod_mode pods = pod_mode::disabled;
  bool endpoint_pod_names = false;
  bool endpoints = true; ///< false: `noendpoints`
  bool ignore_empty_service = false;
  bool zonal = false;
  std::vector<dns::name> multicluster; ///< those of `zones` that stand for the ServiceImports of all clusters
  uint32_t ttl = 5;                    ///< seconds

  bool fall_through = false;
  zone_index fall_through_zones; ///< with `fall_through`; the root where none are named

  std::chrono::nanoseconds startup_timeout{std::chrono::seconds{5}};
  double apiserver_qps = 0; ///< 0: the client's own pace
  int apiserver_burst = 0;
  int apiserver_max_inflight = 0; ///< 0: no bound

  /// True if a name that does not exist here goes on to the next stage. `lowered`: whole wire name.
  bool falls_through(dns::name_view lowered) const noexcept {
    return fall_through && fall_through_zones.longest(lowered) != zone_index::none;
  }

  /// Where the objects come from, in one normal form: blocks with equal keys share one set of watchers and stores.
  std::string identity() const;
};

} // namespace troupe::config
