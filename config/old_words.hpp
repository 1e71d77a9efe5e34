// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace troupe::config {

class old_use;
struct old_word;

/// An option of a directive: its words, from `first` to before `end`, of the directive's.
struct option_words {
  size_t first = 0, end = 0;
};

/// A word that Corefiles of older versions of CoreDNS have and that 1.14.7 refuses, or takes and does not heed.
struct old_word {
  std::string_view directive;
  std::string_view option;                                             ///< empty: the directive itself is old
  std::string_view went;                                               ///< the version of CoreDNS that had it no more
  void (*change)(old_use& use, option_words of, const old_word& word); ///< makes it a modern one
  std::string_view instead{}; ///< where it is dropped: what there is, or is not, for it
  std::string_view called{};  ///< what warnings call it; empty: by its name
};

/// All of them: in config/old_words.cpp, where a new one is entered.
std::span<const old_word> old_words();

/// True if a directive of that name is old, or may have options that are.
bool may_be_old(std::string_view directive);

/// The row of an option, or, with an empty one, of the directive. Null: it is not old.
const old_word* find_old_word(std::string_view directive, std::string_view option);

} // namespace troupe::config
