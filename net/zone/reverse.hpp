// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/reverse_table.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace troupe::zone {

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
  bool empty() const noexcept { return current_.empty(); } ///< as of the last build

private:
  void close();

  reverse_table current_;
  std::optional<reverse_table::editor> open_; ///< from `current_`, with the changes since the last build
  bool changed_ = true;
};

} // namespace troupe::zone
