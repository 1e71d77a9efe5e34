// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/kube/objects.hpp"
#include "net/zone/port_list.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::zone {

using ipv4 = std::array<uint8_t, 4>;
using ipv6 = std::array<uint8_t, 16>;

/// Lower-case; empty for none.
std::string_view text_of(port_record::protocol p) noexcept;

/// Where a service is reached from outside of the cluster, each once.
struct external_part {
  std::vector<kube::address> addresses; ///< externalIPs, then those of the load balancer
  std::vector<dns::name> names;         ///< of the load balancer
  size_t targets = 0; ///< how many stand in the object, repetitions among them: SRV weights count these in CoreDNS
};

/// When the keeper of an object last saw it in a list. The only thing about a part that changes, and of the keeper
/// alone.
struct seen_mark {
  mutable uint32_t list = 0; ///< number of that list, different for all lists of all keepers; 0: none
};

/// What is kept of a Service object. Immutable; shared between the tables that hold it.
struct service_part : seen_mark {
  std::string name;
  kube::service::kind type = kube::service::kind::cluster_ip;
  std::vector<kube::address> cluster_ips;
  port_list ports;
  std::unique_ptr<const dns::name> external;    ///< null unless external_name with a target that is a domain name
  std::unique_ptr<const external_part> outside; ///< null: none, or nobody asks for it (`k8s_external`)
};

/// One address of one endpoint; what is long stands in the slice's text. A cluster has ten times as many as anything
/// else, most of them IPv4.
struct endpoint_entry {
  enum class family : uint8_t { v4, v6, fqdn };

  ipv4 octets{};               ///< v4 only
  uint32_t text_at = 0;        ///< hostname, then pod name; then the address if v6, the target in wire form if fqdn
  uint8_t hostname_octets = 0; ///< 0: none
  uint8_t pod_octets = 0;      ///< 0: none, or pod names are not kept
  family kind = family::v4;
  uint8_t target_octets = 0; ///< fqdn only

  bool operator==(const endpoint_entry&) const = default;
};
static_assert(sizeof(endpoint_entry) == 12);

/// Bits of `slice_part::families`.
constexpr uint8_t bit_of(endpoint_entry::family kind) noexcept {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(kind));
}
inline constexpr uint8_t any_address = bit_of(endpoint_entry::family::v4) | bit_of(endpoint_entry::family::v6);
inline constexpr uint8_t any_family = any_address | bit_of(endpoint_entry::family::fqdn);

/// False: it stands for a name.
inline bool is_address(const endpoint_entry& e) noexcept {
  return e.kind != endpoint_entry::family::fqdn;
}

/// A slice's endpoints by what they are asked for: positions in its list, sorted. Per slice and not per service, so
/// that a change of one slice of a service of 10,000 endpoints sorts no others.
struct slice_index {
  std::vector<uint16_t> by_hostname, by_pod, by_address;
  std::vector<uint16_t> by_target; ///< of FQDN slices, by the label made from the name
};

/// What only some directives ask for about a slice.
struct slice_extras {
  std::string cluster;            ///< the cluster it was imported from; empty: none said
  std::vector<std::string> zones; ///< topology zones of its endpoints, each once
  std::vector<uint16_t> zone_of;  ///< for each endpoint: 0: none; else its position in `zones`, and one; may end early
  uint16_t zone_number(size_t endpoint) const noexcept {
    return endpoint < zone_of.size() ? zone_of[endpoint] : uint16_t{0};
  }
  bool operator==(const slice_extras&) const = default;
};

/// What is kept of an EndpointSlice. Immutable; shared between the tables that hold it.
struct slice_part : seen_mark {
  uint8_t families = 0; ///< bits of the kinds that its endpoints are of
  std::string name;
  std::string service;
  port_list ports; ///< empty: the slice names none (it then counts as one port without number)
  std::vector<endpoint_entry> endpoints;
  std::string text;
  std::unique_ptr<const slice_index> index;   ///< null: few endpoints, walking them all is as fast
  std::unique_ptr<const slice_extras> extras; ///< null: none

  std::string_view hostname(const endpoint_entry& e) const noexcept {
    return std::string_view{text}.substr(e.text_at, e.hostname_octets);
  }
  std::string_view pod(const endpoint_entry& e) const noexcept {
    return std::string_view{text}.substr(e.text_at + e.hostname_octets, e.pod_octets);
  }
  /// Empty: none, or they are not kept.
  std::string_view cluster() const noexcept { return extras ? std::string_view{extras->cluster} : std::string_view{}; }
  std::string_view zone(size_t endpoint) const noexcept {
    const uint16_t number = extras ? extras->zone_number(endpoint) : uint16_t{0};
    return number != 0 ? std::string_view{extras->zones[number - 1u]} : std::string_view{};
  }
  /// Of an endpoint that has one; else 0.0.0.0.
  kube::address address(const endpoint_entry& e) const noexcept;
  /// Wire form of the name that an endpoint of an FQDN slice stands for.
  dns::name_view target(const endpoint_entry& e) const noexcept;

private:
  const uint8_t* behind_names(const endpoint_entry& e) const noexcept;
};

using service_part_ptr = std::shared_ptr<const service_part>;
using slice_part_ptr = std::shared_ptr<const slice_part>;

/// `keep_external`: external addresses too.
service_part_ptr make_service_part(const kube::service& from, bool keep_external = true);
slice_part_ptr make_slice_part(const kube::endpoint_slice& from, const kube::kept& keep);

/// Null if the slice has few endpoints.
std::unique_ptr<const slice_index> make_slice_index(const slice_part& slice);

/// A label made from an address or name, with room for the longest.
struct label_buffer {
  char octets[64];
};

/// What an endpoint is called: its hostname, else (if asked for) its pod's name, which may be `dotted`, else its
/// address with dashes; empty if that is no label. Points into the slice or into `buffer`.
std::string_view endpoint_label(const slice_part& slice, const endpoint_entry& e, bool pod_names,
                                label_buffer& buffer) noexcept;

/// `10-0-0-1`, `2001-db8--1`; a zero is put behind a last dash.
std::string_view dashed(const kube::address& address, label_buffer& buffer) noexcept;

/// Finds the endpoints known as one label, slice by slice. Thread: one.
class endpoint_search {
public:
  /// `label`: lower-case octets; must outlive this.
  endpoint_search(std::string_view label, bool pod_names) noexcept;

  /// Positions of those in `slice`, in order; valid until the next call. Linear with few endpoints, else O(log n) and
  /// what is found.
  const std::vector<uint16_t>& in(const slice_part& slice);

private:
  bool names(const slice_part& slice, const endpoint_entry& e) const noexcept;
  void search_index(const slice_part& slice);

  std::string_view label_;
  bool pod_names_;
  std::optional<kube::address> address_; ///< that the label is the dashed form of
  std::vector<uint16_t> found_;
};

/// Where an endpoint stands in a service's slices.
struct endpoint_ref {
  uint16_t slice, entry;
};

/// All that one service name answers from. Immutable; any thread. A record without `service` belongs to slices whose
/// Service is not there (yet): it answers nothing, but its endpoints have PTR records.
class service_records {
public:
  service_records(std::string label, service_part_ptr service, std::vector<slice_part_ptr> slices);

  const std::string& label() const noexcept { return label_; }
  const service_part_ptr& service() const noexcept { return service_; }
  const std::vector<slice_part_ptr>& slices() const noexcept { return slices_; }
  kube::service::kind type() const noexcept { return type_; }

  /// Addresses of the service's own name, without repetition: cluster IPs, or a headless service's ready endpoints.
  const std::vector<ipv4>& v4() const noexcept { return v4_; }
  const std::vector<ipv6>& v6() const noexcept { return v6_; }
  bool has_endpoints() const noexcept { return endpoint_count_ != 0; }
  size_t endpoint_count() const noexcept { return endpoint_count_; }
  /// Some of its endpoints stand for names.
  bool has_targets() const noexcept { return has_targets_; }

  /// The endpoints known as `label` (lower-case octets), in the order of the slices.
  std::vector<endpoint_ref> find_endpoints(std::string_view label, bool pod_names) const;

  const slice_part& slice(endpoint_ref at) const noexcept { return *slices_[at.slice]; }
  const endpoint_entry& entry(endpoint_ref at) const noexcept { return slices_[at.slice]->endpoints[at.entry]; }

private:
  void collect_addresses();

  std::vector<ipv4> v4_;
  std::vector<ipv6> v6_;
  kube::service::kind type_ = kube::service::kind::cluster_ip;
  bool has_targets_ = false;
  uint32_t endpoint_count_ = 0;
  service_part_ptr service_;
  std::vector<slice_part_ptr> slices_;
  std::string label_;
};

using service_records_ptr = std::shared_ptr<const service_records>;

} // namespace troupe::zone
