// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"
#include "config/token.hpp"

#include <optional>

namespace troupe::config {

inline constexpr size_t max_snippet_imports =
  10'000; ///< CoreDNS's bounds; they end snippets and files that import themselves
inline constexpr size_t max_file_imports = 100'000;
inline constexpr size_t max_tokens = 1'000'000; ///< after imports: snippets can double each other

/// A directive as it stands in a block: its name, then all words up to the end of its line or of its braces, braces
/// included, variables replaced.
struct directive_use {
  std::string name;
  tokens words; ///< words[0] is the directive's own
};

/// A block before anybody knows what its directives mean.
struct raw_block {
  tokens keys;                           ///< never empty; variables replaced, commas gone
  std::vector<directive_use> directives; ///< in the order of the file
};

struct parse_result {
  std::shared_ptr<const std::string> file; ///< the Corefile's name, as all its tokens share it
  std::vector<raw_block> blocks;
  std::optional<parse_error> error; ///< with it the blocks count for nothing
  std::vector<std::string> warnings;
  std::vector<std::string> files;    ///< absolute: the Corefile and what it imports, each once; also what was not there
  std::vector<std::string> patterns; ///< absolute: imports with wildcards
};

/// Reads the grammar: blocks, keys, directives that CoreDNS has or had (others are errors), snippets, imports,
/// variables. Cost is linear in the tokens after imports; nothing recurses.
parse_result parse(const std::string& file, const std::string& text, const environment& env);

/// Replaces `{%NAME%}`, then `{$NAME}`, by the variables' values; unset ones by nothing. Values are not looked at
/// again.
std::string replace_variables(std::string_view text, const environment& env);

} // namespace troupe::config
