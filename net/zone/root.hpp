// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/table.hpp"

#include <string_view>
#include <unordered_set>

namespace troupe::zone {

struct by_namespace {
  static dns::name_view key(const namespace_cell_ptr& cell) noexcept { return octets_of(cell->name); }
  static bool same(const namespace_cell_ptr&, const namespace_cell_ptr&) noexcept { return true; }
};

/// All namespaces, and what holds for all of them. Immutable, published, any thread.
struct root {
  persistent_map<namespace_cell_ptr, by_namespace> namespaces;
  bool synced = false; ///< every resource was listed once; never false again
  uint32_t serial = 0; ///< SOA serial: see serial.hpp

  /// The cell of `label` (lower-case octets), or null. It may belong to a namespace that does not exist.
  const namespace_cell_ptr* find(dns::name_view label) const noexcept { return namespaces.find(label); }
};

using root_ptr = std::shared_ptr<const root>;

/// Owns the mutable root: used by the one who routes objects to keepers. Thread: one.
class root_builder {
public:
  root_builder() = default;
  /// Goes on from what was published (after a restart).
  explicit root_builder(const root& last);

  /// The cell of a namespace; made when it is not there.
  namespace_cell_ptr cell(std::string_view namespace_);

  /// A Namespace object came or went. Objects of other kinds are ignored.
  /// True if names come or go with it.
  bool apply(const kube::change& change);
  /// Between the two, namespaces that are not named are marked; they are gone at the end.
  void list_begin();
  /// True as for apply().
  bool list_end();

  void synced() { changed_ |= !current_.synced, current_.synced = true; }
  /// Another serial; it never goes back.
  void touched(uint32_t seconds);
  /// Takes out a namespace that does not exist and has no objects; its cell lives on with those who hold it.
  void forget(std::string_view namespace_);

  /// The new root, or null if nothing changed since the last build.
  root_ptr build();

private:
  bool set_exists(std::string_view namespace_, bool exists);

  root current_;
  bool changed_ = true;
  bool listing_ = false;
  std::unordered_set<std::string> seen_;
};

} // namespace troupe::zone
