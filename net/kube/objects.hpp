// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/timestamp.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The parts of Kubernetes objects that DNS answers are made from, as plain values: what the API client and the
/// manifest reader emit and the zones consume. Strings were checked by whoever made the value: names are DNS labels,
/// lower case.
namespace troupe::kube {

/// An IPv4 or IPv6 address in network order; IPv4 uses the first four octets.
struct address {
  std::array<uint8_t, 16> octets{};
  bool v6 = false;

  /// From text without zone id, prefix or port; nothing for anything else (reference: fault A16).
  static std::optional<address> from_text(std::string_view text);
  std::string to_text() const;
  auto operator<=>(const address&) const = default;
};

struct port {
  std::string name;     ///< empty: unnamed
  std::string protocol; ///< "tcp", "udp", "sctp": lower case
  uint16_t number = 0;  ///< 0: a slice that names no number (all ports)
  bool operator==(const port&) const = default;
};

struct service {
  std::string namespace_, name, uid;
  enum class kind : uint8_t { cluster_ip, headless, external_name } type = kind::cluster_ip;
  std::vector<address> cluster_ips; ///< empty unless `cluster_ip`
  std::string external_name;        ///< as written, only for `external_name`
  std::vector<port> ports;
  std::vector<address> external_ips;          ///< spec.externalIPs, then the addresses of the load balancer
  std::vector<std::string> ingress_hostnames; ///< of the load balancer, where it gives no address; as written
  bool operator==(const service&) const = default;
};

struct endpoint {
  std::vector<address> addresses; ///< at least one unless the slice is of type FQDN
  std::string fqdn;               ///< only for slices of address type FQDN
  std::string hostname;           ///< empty: none
  std::string pod;                ///< name of the targetRef if it is a Pod; empty: none or 64 characters and more
  std::string zone;               ///< topology zone in lower case, a label's value with dots; empty: none
  bool ready = true;              ///< conditions.ready is true or absent
  bool operator==(const endpoint&) const = default;
};

struct endpoint_slice {
  std::string namespace_, name, uid;
  std::string service;             ///< label kubernetes.io/service-name; empty only if `imported` is not
  std::string imported;            ///< label multicluster.kubernetes.io/service-name; empty: of this cluster alone
  std::string source_cluster;      ///< label multicluster.kubernetes.io/source-cluster; empty: none
  std::vector<endpoint> endpoints; ///< the ready ones only
  std::vector<port> ports;         ///< empty: the slice names none
  timestamp last_change_trigger{}; ///< annotation endpoints.kubernetes.io/last-change-trigger-time; Unix time 0: none
  bool operator==(const endpoint_slice&) const = default;
};

struct namespace_object {
  std::string name, uid;
  bool operator==(const namespace_object&) const = default;
};

struct label {
  std::string key, value;
  bool operator==(const label&) const = default;
};

struct pod {
  std::string namespace_, name, uid;
  std::vector<address> addresses; ///< status.podIPs, both families; pods of the host's network share its addresses
  /// It has a deletion timestamp. CoreDNS takes nothing from such a pod: one that it knows stays as it was until it is
  /// gone, one that it does not know is never entered.
  bool terminating = false;
  std::vector<label> labels{}; ///< no key twice
  bool operator==(const pod&) const = default;
};

/// A Service of several clusters (KEP-1645, multicluster.x-k8s.io/v1alpha1).
struct service_import {
  std::string namespace_, name, uid;
  bool headless = false;    ///< else ClusterSetIP
  std::vector<address> ips; ///< empty if headless
  std::vector<port> ports;
  bool operator==(const service_import&) const = default;
};

enum class resource : uint8_t { service, endpoint_slice, namespace_object, pod, service_import };
inline constexpr std::array all_resources{resource::service, resource::endpoint_slice, resource::namespace_object,
                                          resource::pod, resource::service_import};
inline constexpr size_t resource_count = all_resources.size();

/// What of a source's objects is kept: what no directive asks for costs no memory.
struct kept {
  bool endpoints = false; ///< EndpointSlices of this cluster; not with `noendpoints`
  bool pod_names = false; ///< of endpoints: `endpoint_pod_names`
  bool zones = false;     ///< of endpoints: `zonal`
  bool external = false;  ///< external IPs and ingress host names of Services: `k8s_external`
  bool pods = false;      ///< Pods: `pods verified`
  bool imports = false;   ///< ServiceImports and their EndpointSlices: `multicluster`
  bool labels = false;    ///< of Pods: `metadata`

  static constexpr kept all() noexcept { return {true, true, true, true, true, true, true}; }

  bool covers(const kept& wanted) const noexcept;
  void add(const kept& more) noexcept;

  /// True if objects of that kind are read at all.
  bool wants(resource resource) const noexcept;
};

/// One object came or changed, or one went (then only namespace_ and name are set, and of a slice what its last state
/// said of service and last_change_trigger).
struct change {
  enum class what : uint8_t { upsert, remove } kind = what::upsert;
  std::variant<service, endpoint_slice, namespace_object, pod, service_import> object;
};

/// What a source emits, in order. A (re)list is `begin`, any number of `objects`, `end`: objects not named between the
/// two are gone (mark and sweep); before `end` nothing may be taken away. Outside of a list `objects` are watch events.
struct chunk {
  enum class what : uint8_t { list_begin, objects, list_end } kind = what::objects;
  kube::resource resource = kube::resource::service;
  std::vector<change> changes;
};

} // namespace troupe::kube
