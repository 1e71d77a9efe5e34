// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/expression/expression.hpp"

#include <optional>

namespace troupe::expressions {

enum class tree_kind : uint8_t { constant, list, name, call, unary, binary, conditional, member, slice };

/// A part of an expression. `parts`: operands, arguments, items; of a slice: what is cut, from, to (either may be nil).
struct tree {
  tree_kind kind = tree_kind::constant;
  type is = type::any;    ///< known after the check
  type items = type::any; ///< of a list
  uint32_t at = 0;        ///< octet of the source
  uint32_t height = 1;    ///< levels below and with this one
  std::string word;       ///< an operator, a name
  value constant;
  std::vector<tree> parts;
  std::optional<size_t> called;            ///< of a call: the host's function; nothing: one of the language's
  std::shared_ptr<const re2::RE2> pattern; ///< of `matches` with a constant
};

enum class token_kind : uint8_t { end, name, number, text, sign, bracket };

struct token {
  token_kind kind = token_kind::end;
  uint32_t at = 0;
  std::string text; ///< of a text: what it says
};

struct error_at {
  std::string words;
  uint32_t at = 0;
};

std::variant<std::vector<token>, error_at> lex(std::string_view source);
std::variant<tree, error_at> parse(std::string_view source);
/// Sets types, functions and patterns.
std::optional<error_at> check(tree& root, const surroundings& known);
std::variant<value, std::string> evaluate(const tree& root, const surroundings& known, host& calls);

/// Functions of the language that are here, and all names that it has functions for.
bool is_built(std::string_view name) noexcept;
bool is_builtin(std::string_view name) noexcept;

} // namespace troupe::expressions
