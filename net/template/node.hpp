// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/literals.hpp"

#include <vector>

namespace troupe::templates {

struct function;

enum class node_kind : uint8_t {
  list,          ///< parts: what is written one after the other
  text,          ///< text
  action,        ///< parts: a pipeline
  if_block,      ///< parts: pipeline, list, perhaps the list behind `else`
  range_block,   ///< likewise
  with_block,    ///< likewise
  template_call, ///< text: the name unquoted; parts: perhaps a pipeline
  break_loop,
  continue_loop,
  pipeline, ///< parts: commands; names: the variables that it sets
  command,  ///< parts: operands, one at least
  dot,
  nil,
  boolean,    ///< text: `true` or `false`
  number,     ///< text: as written; number
  string,     ///< text: unquoted; source: as written
  field,      ///< names: one at least
  variable,   ///< names: its own, with `$`, then fields
  identifier, ///< text: a function's name
  chain       ///< parts: an operand; names: its fields
};

/// A piece of a template, owning what it is made of.
struct node {
  node_kind kind = node_kind::list;
  bool assigns = false; ///< of a pipeline: `=`, not `:=`
  uint32_t at = 0;      ///< octet of the source that errors name
  std::string text, source;
  templates::number constant;
  const function* called = nullptr; ///< of an identifier; outlives the node
  std::vector<std::string> names;
  std::vector<node> parts;
};

/// The template again, as Go's parser writes it (in errors, in metrics).
std::string to_text(const node& n);

/// Blanks and definitions alone.
bool is_empty(const node& n) noexcept;

} // namespace troupe::templates
