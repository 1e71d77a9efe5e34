// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer_parts.hpp"
#include "net/zone/effort.hpp"
#include "net/zone/label_set.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <bitset>
#include <memory>

namespace troupe::zone {

/// Port numbers, each once; without memory of its own for few. Thread: one.
class number_set {
public:
  /// True if it is new.
  bool add(uint16_t number);

private:
  static constexpr size_t few = 16;

  size_t count_ = 0;
  std::array<uint16_t, few> few_;
  std::unique_ptr<std::bitset<65536>> many_;
};

/// The numbers of those of `ports` that are asked for, each once, in order; one without a number has no SRV.
std::vector<uint16_t> numbers_of(std::span<const port_record> ports, const port_filter& wanted);

/// SRV records for endpoints, then the addresses of their targets, each record once. Ends when the message is full or
/// the effort is spent. Not for use outside net/zone. Thread: one.
class srv_set {
public:
  /// `ttl`: of the SRV; `glue_ttl`: of the addresses.
  srv_set(const question& q, dns::response& out, effort& work, uint16_t weight, uint32_t ttl, uint32_t glue_ttl)
    : q_(q), out_(out), work_(work), weight_(weight), ttl_(ttl), glue_ttl_(glue_ttl) {}

  /// From now on endpoints have these ports.
  void set_ports(std::vector<uint16_t> numbers) { lists_.push_back(std::move(numbers)); }
  /// One that is known as `target`. False: there is no room for more.
  bool add(dns::name_ref target, const kube::address* address = nullptr);
  /// Another address of the one before, with the same ports. False: as for add().
  bool add_address(const kube::address& address);
  /// Writes the addresses, if the SRV fit. False: there was not one SRV.
  bool finish();

private:
  struct written {
    uint16_t at = 0;    ///< where the name stands in the message
    uint16_t tail;      ///< of its name_ref
    size_t list;        ///< of the ports that were said of it last
    size_t glue;        ///< its first address; out of range: none
    bool again = false; ///< it came more than once: what is said of it is in the two sets
  };
  struct glue {
    uint32_t name;
    kube::address address;
    bool operator==(const glue&) const = default;
  };
  struct by_glue {
    using is_avalanching = void;
    size_t operator()(const glue& g) const noexcept {
      return (dns::hash(g.address.octets) ^ g.name) * size_t{0x9e3779b97f4a7c15};
    }
  };

  label_set::place number_of(dns::name_ref target);
  dns::name_view labels_of(uint32_t name) const noexcept;
  bool say(uint16_t number, dns::name_ref target, written& place);
  bool add_new(uint32_t name, dns::name_ref target, const kube::address* address);
  bool add_again(uint32_t name, dns::name_ref target, const kube::address* address);
  void note_again(uint32_t name);
  bool write_glue(const glue& g);

  const question& q_;
  dns::response& out_;
  effort& work_;
  const uint16_t weight_;
  const uint32_t ttl_, glue_ttl_;
  std::vector<std::vector<uint16_t>> lists_;  ///< of port numbers; the last is in force
  label_set names_;                           ///< whole ones with the root label
  std::vector<written> written_;              ///< for each name
  boost::unordered_flat_set<uint64_t> ports_; ///< name and number
  boost::unordered_flat_set<glue, by_glue> known_glue_;
  std::vector<glue> glue_;
  uint32_t last_ = 0; ///< name that was added last
  bool full_ = false;
};

} // namespace troupe::zone
