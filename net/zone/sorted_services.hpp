// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/options.hpp"
#include "net/zone/root.hpp"

#include <optional>
#include <vector>

namespace troupe::zone {

/// A service and the namespace whose table it is from.
struct placed_service {
  const service_records* records = nullptr;
  const namespace_cell* home = nullptr;
};

/// All services of some tables, by name and then by namespace, sorted in steps of some ten microseconds: runs of a few
/// hundred, then a merge. Holds on to the tables. Thread: one.
class sorted_services {
public:
  void add(namespace_cell_ptr home, table_ptr services);
  /// Those of all namespaces that `options` shows; `imported`: ServiceImports.
  void add_exposed(const root& names, const options& options, bool imported);

  /// Does a step of the sorting. False: it is done, and next() may be called.
  bool prepare();
  /// Nothing: that was all.
  std::optional<placed_service> next();

private:
  static constexpr size_t run_size = 256;

  struct from {
    namespace_cell_ptr home;
    table_ptr services;
  };
  struct run {
    std::vector<placed_service> services; ///< the first last
  };

  void close_run();
  static bool later(const run& a, const run& b) noexcept;

  std::vector<from> tables_;
  size_t table_ = 0, bucket_ = 0; ///< what is to be read next
  std::vector<placed_service> reading_;
  std::vector<run> runs_; ///< a heap, the one with the first service at the front
};

} // namespace troupe::zone
