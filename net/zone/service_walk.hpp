// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/effort.hpp"
#include "net/zone/label_set.hpp"
#include "net/zone/options.hpp"
#include "net/zone/service_records.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe::zone {

/// True if the port has a name of its own in a zone: `_http._tcp`.
inline bool has_own_name(const port_record& port) noexcept {
  return !port.name.empty() && port.proto != port_record::protocol::none;
}

/// Ports, each once, numbered as they come. Thread: one.
class port_set {
public:
  /// Of the same name, protocol and number.
  label_set::place add(const port_record& port) { return add(port, port.number); }
  /// Of the same name and protocol.
  label_set::place add_name(const port_record& port) { return add(port, 0); }

private:
  label_set::place add(const port_record& port, uint16_t number);

  label_set known_;
};

/// What zone transfers of all kinds say alike of one service: the addresses of its own name, then endpoint by endpoint
/// the addresses of theirs; each record once. Not for use outside net/zone. What it is made from must outlive it.
/// Thread: one.
class service_walk {
protected:
  /// `own`: the labels of the service's name before the zone. `address_ttl`: of A and AAAA, all else has `how.ttl`.
  service_walk(const service_records& of, const label_string& own, const options& how, uint32_t address_ttl) noexcept
    : of_(of), own_(own), how_(how), address_ttl_(address_ttl) {}

  void begin(zone_record& out, dns::rrtype type) const noexcept;
  void begin_srv(zone_record& out, const port_record& port, size_t weight) const noexcept;

  /// The next address of the service's own name: of cluster IPs or endpoints; names of an FQDN slice stand there only
  /// if there is no address, and then one alone (RFC 2181 section 10.1).
  bool own_address(zone_record& out);
  /// Wire form of what the service's own name is an alias of; empty: it is none.
  dns::name_view own_alias() const noexcept;

  // The endpoint at hand: all of them one after another.
  bool at_endpoint() noexcept; ///< false: those were all
  void next_endpoint() noexcept { ++entry_, known_as_.reset(); }
  const slice_part& slice() const noexcept { return *of_.slices()[slice_]; }
  const endpoint_entry& entry() const noexcept { return slice().endpoints[entry_]; }
  label_string name_of_endpoint() const noexcept; ///< empty: it has none
  /// The first time its name has this address; or, as an alias, the only record of it.
  bool endpoint_address(zone_record& out);
  /// True the first time that `port` is said of this endpoint's name at an owner of the kind `owner`.
  bool is_new_port(const port_record& port, uint8_t owner);
  /// All of its ports were said of its name already: the list is the same as last time.
  bool ports_are_known();
  /// Calls `f(slice)` for each endpoint of the same name while it returns true.
  template <class F>
  void visit_same_name(F&& f);

  /// What was done since the last record takes a few microseconds: time for others.
  bool is_tired() noexcept { return work_ >= enough_looks ? (work_ = 0, true) : false; }
  void look(size_t looks) noexcept { work_ += looks; }

  const service_records& of_;
  const label_string own_;
  const options& how_;

private:
  static constexpr size_t enough_looks = 1'000;

  struct said_address {
    uint32_t name;
    kube::address address;
    bool operator==(const said_address&) const = default;
  };
  struct hash {
    using is_avalanching = void;
    size_t operator()(const said_address& s) const noexcept {
      return (dns::hash(s.address.octets) ^ s.name) * size_t{0x9e3779b97f4a7c15};
    }
  };

  std::string_view label(label_buffer& buffer) const noexcept {
    return endpoint_label(slice(), entry(), how_.endpoint_pod_names, buffer);
  }
  uint32_t known_as();
  bool is_alias_endpoint(); ///< it stands for a name, and no endpoint of its name for an address

  uint32_t address_ttl_;
  size_t address_ = 0;
  size_t slice_ = 0, entry_ = 0;
  size_t work_ = 0;
  label_set names_; ///< of endpoints
  std::optional<uint32_t> known_as_;
  boost::unordered_flat_set<said_address, hash> addresses_;
  std::vector<const slice_part*> ports_of_; ///< for each name: whose ports were said of it last
  std::vector<bool> alias_said_;            ///< for each name
  port_set ports_;
  boost::unordered_flat_set<uint64_t> said_ports_; ///< name, port, kind of owner
};

template <class F>
void service_walk::visit_same_name(F&& f) {
  label_buffer buffer;
  endpoint_search search{label(buffer), how_.endpoint_pod_names};
  for (const slice_part_ptr& s : of_.slices()) {
    constexpr size_t search_looks = 4;
    const auto& found = search.in(*s);
    look(search_looks + found.size() / compared_at_a_look);
    for (uint16_t i : found)
      if (!f(*s, s->endpoints[i]))
        return;
  }
}

} // namespace troupe::zone
