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
  service_walk(const service_records& records, const label_string& own, const options& options,
               uint32_t address_ttl) noexcept
    : records_(records), own_(own), options_(options), address_ttl_(address_ttl) {}

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
  const slice_part& slice() const noexcept { return *records_.slices()[slice_]; }
  const endpoint_entry& entry() const noexcept { return slice().endpoints[entry_]; }
  label_string name_of_endpoint() const noexcept { return name_of(slice(), entry()); } ///< empty: it has none
  /// The first time its name has this address; or, as an alias, the only record of it.
  bool endpoint_address(zone_record& out);
  /// True the first time that `port` is said of this endpoint's name at an owner of the kind `owner`.
  bool is_new_port(const port_record& port, uint8_t owner);
  /// All of its ports were said of its name already: the list is the same as last time.
  bool ports_are_known();
  /// Looks through one slice more for what endpoints of one name have together; false: that was the last. Comes before
  /// rows_of_name, and before endpoint_address of those that stand for names.
  bool survey();
  /// Endpoints times ports of the name of the endpoint at hand.
  size_t rows_of_name() { return named_[known_as()].rows; }

  /// What was done since the last record takes a few microseconds: time for others.
  bool is_tired() noexcept { return work_ >= enough_looks ? (work_ = 0, true) : false; }
  void look(size_t looks) noexcept { work_ += looks; }

  const service_records& records_;
  const label_string own_;
  const options& options_;

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

  label_string name_of(const slice_part& slice, const endpoint_entry& e) const noexcept;
  /// Of the endpoints that are known by one name.
  struct named {
    const slice_part* ports_of = nullptr; ///< whose ports were said of it last
    size_t rows = 0;
    bool has_address = false, alias_said = false;
  };

  uint32_t number_of(const label_string& name);
  uint32_t known_as(); ///< number of the name of the endpoint at hand

  uint32_t address_ttl_;
  size_t address_ = 0;
  size_t slice_ = 0, entry_ = 0;
  size_t surveyed_ = 0; ///< slices
  size_t work_ = 0;
  label_set names_; ///< of endpoints
  std::optional<uint32_t> known_as_;
  boost::unordered_flat_set<said_address, hash> addresses_;
  std::vector<named> named_;
  port_set ports_;
  /// Name, port, kind of owner; a table for a few names, since one of a hundred thousand takes milliseconds to grow.
  std::vector<boost::unordered_flat_set<uint64_t>> said_ports_;
};

} // namespace troupe::zone
