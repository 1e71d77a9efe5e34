// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

namespace troupe {

/// What names of actors begin with where several of a kind are there: `""`, `2/`, `3/`, …; the first that nobody in the
/// two lists has. `prefix_of` gives that of an element.
template <class List, class PrefixOf>
std::string free_prefix(const List& living, const List& fresh, PrefixOf prefix_of) {
  std::string prefix;
  const auto has = [&](const List& all) {
    return std::any_of(all.begin(), all.end(), [&](auto& other) { return prefix_of(*other) == prefix; });
  };
  for (size_t n = 2; has(living) || has(fresh); ++n)
    prefix = std::to_string(n) + "/";
  return prefix;
}

} // namespace troupe
