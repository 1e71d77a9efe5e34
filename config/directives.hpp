// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

#include <span>
#include <string_view>

namespace troupe::config {

/// A directive that a Corefile may use.
struct directive {
  std::string_view name;
  failure (*parse)(dispenser&, setup&) = nullptr; ///< called for each use; null: known to CoreDNS, not built yet
  bool once = false;                              ///< a second use in a block is an error
};

/// All of them, in the order in which a query meets them: config/directives.def, where a new one is entered.
std::span<const directive> directives();

/// Null: nobody knows it.
const directive* find_directive(std::string_view name);

/// The names of those that are built, one a line, in alphabetical order, as CoreDNS's `-plugins` prints them.
std::string built_directives();

/// What to do instead of a directive that is not built since it needs somebody else's service; empty for others.
std::string_view way_round(std::string_view directive);

/// True for directives that are no part of CoreDNS but of builds with more in them.
bool is_out_of_tree(std::string_view directive);

} // namespace troupe::config
