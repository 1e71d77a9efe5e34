// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/table.hpp"

#include <map>
#include <mutex>
#include <string>
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

/// The cells of all namespaces, written down apart from any root. Thread: any.
class cell_book {
public:
  void enter(const namespace_cell_ptr& cell) {
    std::lock_guard lock{mutex_};
    cells_[cell->name] = cell;
  }
  void leave(const std::string& name) {
    std::lock_guard lock{mutex_};
    cells_.erase(name);
  }
  std::map<std::string, namespace_cell_ptr> all() const {
    std::lock_guard lock{mutex_};
    return cells_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, namespace_cell_ptr> cells_;
};

/// Throws std::logic_error if the root is not whole.
void verify(const root& root);

/// Owns the mutable root: used by the one who routes objects to keepers. Thread: one.
class root_builder {
public:
  root_builder() = default;
  /// Goes on from what was published (after a restart).
  explicit root_builder(const root& last, cell_book* book = nullptr);
  /// Makes another from the cells that are written down; the serial is `seconds`.
  root_builder(cell_book& book, bool synced, uint32_t seconds);

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
  uint32_t serial() const noexcept { return current_.serial; }
  /// Another serial; it never goes back.
  void touched(uint32_t seconds);
  /// Takes out a namespace that does not exist and has no objects; its cell lives on with those who hold it, as `gone`.
  void forget(std::string_view namespace_);

  /// The new root, or null if nothing changed since the last build.
  root_ptr build();

private:
  bool set_exists(std::string_view namespace_, bool exists);

  cell_book* book_ = nullptr; ///< where new cells are written down; null: nowhere
  root current_;
  bool changed_ = true;
  bool listing_ = false;
  std::unordered_set<std::string> seen_;
};

} // namespace troupe::zone
