// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"
#include "net/zone/options.hpp"

namespace troupe::zone {

/// What a question asks for, by the grammar of cluster names (Kubernetes DNS specification 1.1.0; reference 1.5).
enum class form : uint8_t {
  apex,            ///< the zone itself
  ns_dns,          ///< ns.dns
  dns_version,     ///< dns-version
  empty,           ///< svc, pod
  above_ns_dns,    ///< dns
  above_addresses, ///< a part of an address below one of the reverse trees: SOA alone finds it
  namespace_only,  ///< <ns>.svc
  pod_namespace,   ///< <ns>.pod
  pod,             ///< <address>.<ns>.pod
  /// [<endpoint>. | _<port>._<protocol>. | <endpoint>.<cluster>. | <topology zone>.(pin |
  /// prefer)._zone.]<service>.<ns>.svc
  service,
  external,        ///< of k8s_external: [<endpoint>. | _<port>._<protocol>.]<service>.<ns>
  external_ns,     ///< of k8s_external: <ns>
  external_dns,    ///< of k8s_external: its apex label or below; `front` labels are in front of that
  reverse_address, ///< a whole address below one of the reverse trees
  unknown          ///< nothing that could exist
};

/// Whose table answers.
enum class server : uint8_t { zone, apex, reverse };

/// A question taken apart. Points into the names it was made from; offsets are into the lower-case name.
struct question {
  dns::name_view lowered; ///< the whole name
  dns::name_view spelled; ///< as the client wrote it, of the same size
  uint16_t qtype = 0;
  form kind = form::unknown;
  uint8_t zone_at = 0;      ///< where the matched zone begins
  uint8_t namespace_at = 0; ///< service, pod and *_namespace forms
  uint8_t service_at = 0;   ///< service and pod forms
  /// What stands before the service: 0: nothing; 1: an endpoint; 2: port and protocol; or one of these.
  uint8_t front = 0;
  static constexpr uint8_t endpoint_and_cluster = 3; ///< in multicluster zones
  static constexpr uint8_t topology_zone = 4;        ///< with `zonal`
  uint8_t directive_at = 0;                          ///< topology_zone: where `pin` or `prefer` begins
  bool imported = false;                             ///< the zone stands for ServiceImports
  uint32_t rotate = 0;                               ///< where a set that may not fit begins; 0 keeps its order
  kube::address address;                             ///< reverse_address form

  dns::rrtype type() const noexcept { return static_cast<dns::rrtype>(qtype); }
  /// The octets of the label at `at`.
  std::string_view label(size_t at) const noexcept {
    return {reinterpret_cast<const char*>(lowered.data()) + at + 1, lowered[at]};
  }
  std::string_view namespace_label() const noexcept { return label(namespace_at); }
  std::string_view service_label() const noexcept { return label(service_at); }
  std::string_view endpoint() const noexcept {
    return front == 1 || front == endpoint_and_cluster ? label(0) : std::string_view{};
  }
  std::string_view cluster() const noexcept {
    return front == endpoint_and_cluster ? label(1 + lowered[0]) : std::string_view{};
  }
  /// True if the topology zone asked for is `zone`, whose dots part labels.
  bool asks_for_zone(std::string_view zone) const noexcept;
  /// If that zone holds nothing, all others are meant.
  bool prefers() const noexcept { return front == topology_zone && label(directive_at) == "prefer"; }
  std::string_view port() const noexcept { return front == 2 ? bare(label(0)) : std::string_view{}; }
  std::string_view protocol() const noexcept { return front == 2 ? bare(label(1 + lowered[0])) : std::string_view{}; }
  /// The protocol in a name above those of ports: `_tcp` of `_tcp.<service>`.
  std::string_view protocol_above() const noexcept { return front == 1 ? bare(label(0)) : std::string_view{}; }
  bool zone_in_lower_case() const noexcept;

  server asks() const noexcept {
    return kind == form::service || kind == form::external ? server::zone
           : kind == form::reverse_address                 ? server::reverse
                                                           : server::apex;
  }

private:
  static std::string_view bare(std::string_view label) noexcept {
    return label.starts_with('_') ? label.substr(1) : label;
  }
};

/// Takes a question apart. `zone_skip` is the offset of the matched zone in the name. Cheap: one walk over the labels,
/// no look-up. `q` must outlive the result.
question parse_question(const dns::query& q, size_t zone_skip, const options& options) noexcept;

/// The same by the grammar of `k8s_external`.
question route_external(dns::name_view lowered, dns::name_view spelled, uint16_t qtype, size_t zone_skip,
                        const external_names& names) noexcept;

/// The same for a name that no client sent: both views may be the same.
question parse_question(dns::name_view lowered, dns::name_view spelled, uint16_t qtype, size_t zone_skip,
                        const options& options) noexcept;

/// The address whose reverse name (RFC 1035 section 3.5, RFC 3596 section 2.5) `lowered` is, a whole lower-cased wire
/// name; false: it is none.
bool read_reverse_name(dns::name_view lowered, kube::address& out) noexcept;

} // namespace troupe::zone
