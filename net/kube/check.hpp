// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// From an object's fields as somebody wrote them to the checked values of objects.hpp: one place for the API client
/// and the manifests. Pure functions, any thread.
namespace troupe::kube {

/// Lower-case letters, digits and hyphens, 1 to 63, no hyphen at the ends (RFC 1123 section 2.1).
bool is_label(std::string_view text);

/// Labels joined by dots, at most 253 octets.
bool is_subdomain(std::string_view text);

/// Fields as they stand in JSON or YAML; an absent string is empty.
struct raw_meta {
  std::string namespace_, name, uid;
};

struct raw_port {
  std::string name, protocol;
  std::optional<int64_t> number;
};

struct raw_service {
  raw_meta meta;
  std::string cluster_ip, type, external_name;
  std::vector<std::string> cluster_ips;
  std::vector<raw_port> ports;
  std::vector<std::string> external_ips; ///< spec.externalIPs
  /// status.loadBalancer.ingress: an address, or else a name.
  struct ingress {
    std::string ip, hostname;
  };
  std::vector<ingress> load_balancer;
};

struct raw_endpoint {
  std::vector<std::string> addresses;
  std::string hostname, target_kind, target_name;
  std::optional<bool> ready;
  std::string zone;
};

struct raw_slice {
  raw_meta meta;
  std::string service, address_type;
  std::string imported, source_cluster; ///< the labels of multicluster.kubernetes.io
  std::vector<raw_endpoint> endpoints;
  std::vector<raw_port> ports;
  std::string last_change_trigger; ///< RFC 3339
};

struct raw_pod {
  raw_meta meta;
  std::string ip;               ///< status.podIP, where there are no `ips`
  std::vector<std::string> ips; ///< status.podIPs[].ip
  std::string phase;
  bool terminating = false; ///< metadata.deletionTimestamp is there
  std::vector<label> labels{};
};

struct raw_import {
  raw_meta meta;
  std::string type;
  std::vector<std::string> ips;
  std::vector<raw_port> ports;
};

/// Why an object cannot be used ("clusterIP '999.1.1.1' is not an address").
struct unusable {
  std::string why;
};

/// `note`, where given, receives what was left out of an object that is otherwise used.
std::variant<service, unusable> check(raw_service&& raw, std::string* note = nullptr);
std::variant<endpoint_slice, unusable> check(raw_slice&& raw, std::string* note = nullptr);
std::variant<namespace_object, unusable> check_namespace(raw_meta&& raw);
std::variant<pod, unusable> check(raw_pod&& raw, std::string* note = nullptr);
std::variant<service_import, unusable> check(raw_import&& raw);

/// A pod in one of these phases has no address of its own any more; CoreDNS asks the API server to leave them out.
bool has_ended(std::string_view phase);

/// Foreign text for a message: cut to `max_octets`, anything but printable ASCII as `\xHH`.
std::string quote(std::string_view text, size_t max_octets = 80);

} // namespace troupe::kube
