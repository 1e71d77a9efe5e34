// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/dotted.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

/// What the answer functions share; not for use outside net/zone.
namespace troupe::zone {

/// Of so many SRV records, as CoreDNS counts them.
inline uint16_t weight_of(size_t rows) noexcept {
  return static_cast<uint16_t>(std::max<size_t>(1, 100 / rows));
}
inline constexpr size_t enough_rows = 51; ///< more change no weight

/// So many records may still fit, and one that says that there are more; the smallest is an A by pointer.
inline size_t most_records(const dns::response& out) noexcept {
  constexpr size_t least_octets = 16;
  return out.room() / least_octets + 1;
}

/// Labels put together for a name, in wire form without root.
class label_run {
public:
  static constexpr size_t most_octets = 5 * (dns::max_label_octets + 1); // <endpoint>.<cluster>.<service>.<ns>.svc

  template <class... Labels>
  explicit label_run(Labels... labels) noexcept {
    (add(labels), ...);
  }

  dns::name_view view() const noexcept { return {octets_, size_}; }

private:
  void add(std::string_view label) noexcept {
    octets_[size_++] = static_cast<uint8_t>(label.size());
    std::memcpy(octets_ + size_, label.data(), label.size());
    size_ += label.size();
  }
  void add(dotted labels) noexcept {
    labels.each([this](std::string_view label) { add(label); });
  }

  size_t size_ = 0;
  uint8_t octets_[most_octets];
};

/// `labels` followed by the question's zone as the client spelled it.
inline dns::name_ref in_zone(const question& q, dns::name_view labels) noexcept {
  const bool root_only = q.zone_at + 1u == q.lowered.size();
  return {labels, static_cast<uint16_t>(root_only ? 0 : dns::question_offset + q.zone_at)};
}

/// True if `labels` and the question's zone make a name of legal length (RFC 1035 section 2.3.4).
inline bool fits_zone(const question& q, dns::name_view labels) noexcept {
  return labels.size() + q.lowered.size() - q.zone_at <= dns::max_name_octets;
}

inline dns::name_view zone_of(const question& q) noexcept {
  return q.lowered.subspan(q.zone_at);
}

/// The question's name, as the client spelled it, as an owner.
inline dns::name_ref question_name(const question& q) noexcept {
  return q.lowered.size() == 1 ? dns::name_ref{} : dns::in_question();
}

bool write_address(dns::response& out, dns::section where, dns::name_ref owner, uint32_t ttl,
                   const kube::address& address) noexcept;

inline constexpr std::string_view svc = "svc"; ///< the label above all namespaces of services

inline constexpr std::string_view specification = "1.1.0"; ///< of Kubernetes DNS-based service discovery
inline constexpr uint32_t specification_ttl = 28800;       ///< seconds

/// SOA fields are those of CoreDNS: reference 1.4.
void write_soa(const question& q, const answer_context& w, dns::section where, dns::response& out) noexcept;

/// Namespace exposure (reference 1.6): let through by the list, and its Namespace object is there.
inline bool exposed(const namespace_cell& cell, const options& options) noexcept {
  return cell.exists.load(std::memory_order_acquire) && options.lists(cell.name);
}

/// The cell of an exposed namespace, or null.
const namespace_cell* find_exposed(std::string_view label, const answer_context& w) noexcept;

/// Finds owners of addresses, those of one namespace one after the other.
class service_reader {
public:
  explicit service_reader(const answer_context& w) noexcept : w_(w) {}
  /// What is known of an address's owner; null if that has no Service. Valid until the next call.
  const service_records* find(const reverse_owner& owner);

private:
  const answer_context& w_;
  std::string_view namespace_;
  table_ptr services_;
};

/// Whether a slice has an endpoint of that address.
bool holds(const slice_part& slice, const kube::address& address) noexcept;

/// The address that a pod's name stands for: `10-0-0-1`, `2001-db8--1`; nothing if the block does not know such a pod.
/// `pods`, where given, receives how many have it: those of the host's network share it.
std::optional<kube::address> pod_address(const question& q, const answer_context& w, size_t* pods = nullptr);

/// Takes a name server of the zone (labels before the zone) and one of its addresses; false: no more.
using name_server_visitor = std::function<bool(dns::name_view labels, const kube::address&)>;

/// Names and addresses of the NS set (reference 1.6), without repetition.
void visit_name_servers(const answer_context& w, const name_server_visitor& found);

/// What stands at a name of the zone, for those who follow a CNAME there.
struct found_addresses {
  std::vector<kube::address> addresses; ///< of the type asked for
  std::optional<dns::name> cname;       ///< only if there are no addresses
};
/// No more than `most` addresses.
found_addresses gather(const question& q, const answer_context& w, size_t most);

// Of k8s_external: its answers in the manner of answer_service, answer_reverse and answer_apex, and its SOA.
outcome answer_external(const question& q, const namespace_cell& cell, const table* services, const answer_context& w,
                        dns::response& out, dns::name* target);
outcome answer_external_reverse(const question& q, const answer_context& w, dns::response& out);
outcome answer_external_apex(const question& q, const answer_context& w, dns::response& out);
void write_external_soa(const question& q, const answer_context& w, dns::section where, dns::response& out) noexcept;
/// Up to `most` addresses, of `families`, of the server as seen from outside: external ones of the services that it is
/// an endpoint of, else its own.
std::vector<kube::address> external_server_addresses(const answer_context& w, uint8_t families, size_t most);

/// Answers an A or AAAA question whose name is an alias of `first`: follows it while it stays in the zone, then writes
/// CNAMEs and addresses; nothing at all (nodata) where the chain ends in nothing, loops or is too long.
outcome chase(const question& q, const dns::name& first, const answer_context& w, dns::response& out,
              dns::name* target);

} // namespace troupe::zone
