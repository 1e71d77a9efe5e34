// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/kube/objects.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace troupe::zone {

/// What `k8s_external` makes of a block: its names stand for the external addresses of services.
struct external_names {
  dns::name apex; ///< relative: where `ns1` and `hostmaster` stand below a zone, as the Corefile spells it
  uint32_t ttl = 5;
  bool headless = false; ///< headless services without external addresses answer with their endpoints
};

/// What one `kubernetes` block says about how its names are answered. Immutable once questions come; any thread.
struct options {
  enum class pods_mode : uint8_t { disabled, insecure, verified };

  std::vector<dns::name> zones; ///< lower-case, in the Corefile's order, reverse zones included
  size_t primary = 0;           ///< index in zones of the first that is no reverse zone: the tail of PTR targets
  uint32_t ttl = 5;             ///< seconds, 0 to 3600
  pods_mode pods = pods_mode::disabled;
  bool endpoint_pod_names = false;
  bool noendpoints = false;                          ///< endpoints count as absent, whatever the tables hold
  bool ignore_empty_service = false;                 ///< a ClusterIP service without ready endpoints does not exist
  bool zonal = false;                                ///< names of endpoints by topology zone
  std::vector<std::string> namespaces;               ///< sorted; empty: all
  bool selects_namespaces = false;                   ///< only some Namespaces are known: `namespace_labels`
  std::vector<dns::name> multicluster;               ///< lower-case zones that stand for ServiceImports
  std::optional<std::vector<dns::name>> fallthrough; ///< lower-case zones; the root stands for all; nothing: off
  std::vector<kube::address> local_addresses;        ///< of this server, without loopback: for NS and ns.dns
  std::optional<external_names> external;            ///< zones and fallthrough are those of a `k8s_external`

  /// True if the `namespaces` list lets `label` (lower-case octets) through.
  bool lists(std::string_view label) const noexcept {
    return namespaces.empty() || std::binary_search(namespaces.begin(), namespaces.end(), label, std::less<>{});
  }

  /// True if names of `zone` (lower-case) stand for ServiceImports.
  bool is_multicluster(dns::name_view zone) const noexcept {
    return std::any_of(multicluster.begin(), multicluster.end(),
                       [&](const dns::name& one) { return dns::is_subdomain(zone, one.wire()); });
  }

  /// True if a name error at `lowered` goes to the next stage.
  bool falls_through(dns::name_view lowered) const noexcept {
    return fallthrough && std::any_of(fallthrough->begin(), fallthrough->end(),
                                      [&](const dns::name& zone) { return dns::is_subdomain(lowered, zone.wire()); });
  }

  /// The longest of `zones` that `lowered` is in; nothing if there is none.
  std::optional<size_t> match(dns::name_view lowered) const noexcept;
};

} // namespace troupe::zone
