// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/compact_ptr.hpp"
#include "net/zone/table.hpp"

#include <vector>

namespace troupe::zone {

/// Whose an address is.
struct reverse_owner {
  std::string namespace_, service;
  bool operator==(const reverse_owner&) const = default;
};

/// The names of an endpoint that are not made from its address.
struct reverse_names {
  std::string hostname, pod;
  bool operator==(const reverse_names&) const = default;
};

/// One address of one service: its cluster IP, one of its endpoints', or one of its external addresses, which stand
/// under keys of their own.
struct reverse_row {
  compact_ptr<reverse_owner> owner;
  compact_ptr<reverse_names> names; ///< null: neither hostname nor pod name
  std::array<uint8_t, 17> key{};    ///< reverse_key, or external_key
  bool cluster_ip = false;

  kube::address address() const noexcept;
  bool operator==(const reverse_row& other) const noexcept;
};

/// Address, then family (4 or 6).
std::array<uint8_t, 17> reverse_key(const kube::address& address) noexcept;
/// The same for an external address: no question but those of `k8s_external` finds it.
std::array<uint8_t, 17> external_key(const kube::address& address) noexcept;

struct by_address {
  static dns::name_view key(const reverse_row& row) noexcept { return row.key; }
  static bool same(const reverse_row& a, const reverse_row& b) noexcept { return a == b; }
};

/// Address -> rows of all services that own it. Immutable, published, any thread.
using reverse_table = persistent_map<reverse_row, by_address>;
using reverse_table_ptr = std::shared_ptr<const reverse_table>;

/// Throws std::logic_error if the table is not whole.
void verify(const reverse_table& of);

/// A row came or went. Keepers send each row once, so rows are a set: telling one twice changes nothing.
struct reverse_change {
  bool added = true;
  reverse_row row;
};

/// Owns the mutable reverse table. Thread: one.
class reverse_keeper {
public:
  reverse_keeper() = default;
  /// Goes on from what was published (after a restart); each namespace should then be told again with `replace`.
  explicit reverse_keeper(const reverse_table& last) : current_(last) {}

  void apply(const std::vector<reverse_change>& changes);
  /// `rows` are all that `namespace_` has: others of that namespace go. Linear in the whole table.
  void replace(std::string_view namespace_, const std::vector<reverse_row>& rows);

  /// The new table, or null if nothing changed since the last build.
  reverse_table_ptr build();
  size_t size() const noexcept { return current_.size(); }

private:
  reverse_table current_;
  bool changed_ = true;
};

} // namespace troupe::zone
