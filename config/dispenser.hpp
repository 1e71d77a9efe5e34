// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"

namespace troupe::config {

/// Hands out the words of one use of a directive:
///   args = in.arguments();
///   while (in.next_property()) { if (in.word() == "ttl") … in.arguments() … else return in.unknown_property(); }
/// Errors carry the place of the word that was handed out last.
class dispenser {
public:
  /// `use` must outlive the dispenser.
  explicit dispenser(const directive_use& use) : words_(use.words) {}

  /// The word handed out last; at first the directive itself.
  const std::string& word() const { return words_[at_].text; }
  place at() const { return words_[at_].at(); }

  /// The rest of the line, without a brace that opens a block.
  std::vector<std::string> arguments();

  /// The next word of the line, if there is one and it is not a brace that opens a block.
  std::optional<std::string> argument();

  /// Nothing but the directive may stand on its line, not even a brace.
  std::optional<parse_error> no_more_on_line();

  /// Moves to the first word of the next property in the directive's braces; false at their end, or if there are none.
  bool next_property();

  /// True if words are left that nobody asked for.
  bool has_more() const { return at_ + 1 < words_.size(); }

  parse_error error(std::string message) const { return error_at(at(), std::move(message)); }
  parse_error not_yet(const std::string& subject) const { return not_yet_at(at(), subject); }
  parse_error argument_error() const; ///< `Wrong argument count or unexpected line ending after '…'`
  parse_error unknown_property() const { return error("unknown property '" + word() + "'"); }
  parse_error left_over() const; ///< of the first word that nobody asked for

private:
  const tokens& words_;
  size_t at_ = 0;
  bool in_braces_ = false;
};

/// `Syntax error: Unexpected token '…', expecting '…'`
parse_error syntax_error(place at, const std::string& found, const std::string& expected);

/// `text` in Go's quotes, for messages.
std::string quote(std::string_view text);

/// A decimal integer as Go's strconv.Atoi takes it, or its error text.
std::variant<long long, std::string> parse_integer(const std::string& text);

} // namespace troupe::config
