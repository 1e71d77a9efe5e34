// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"
#include "config/old_use.hpp"

#include <variant>

namespace troupe::config {

/// What became of a Corefile's words of old.
struct modern_words {
  std::vector<old_notice> notices; ///< in the order of the blocks; each once
  std::vector<edit> edits;         ///< what makes the Corefile's text as modern as its blocks
};

/// Makes the words of old versions of CoreDNS (config/old_words.hpp) in the blocks of `parsed`, which was read of
/// `text` without an error, modern ones, before anybody reads what directives mean. Linear in the words; touches
/// nothing where nothing is old.
modern_words modernise(parse_result& parsed, std::string_view text);

/// A Corefile in words that CoreDNS 1.14.7 takes.
struct modern_corefile {
  std::string text; ///< octet for octet what was read if nothing in it is old
  std::vector<old_notice> notices;
};

/// The modern text of a Corefile: comments, snippets, imports and variables stay as they stand. An error if its grammar
/// is broken, or if the text cannot say what is read (a snippet that would have to be two).
std::variant<modern_corefile, parse_error> migrated(const std::string& file, const std::string& text,
                                                    const environment& env);

} // namespace troupe::config
