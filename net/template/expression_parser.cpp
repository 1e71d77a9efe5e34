// SPDX-License-Identifier: Apache-2.0
#include "net/template/functions.hpp"
#include "net/template/parser_base.hpp"

#include <algorithm>

namespace troupe::templates {

namespace {

node node_at(node_kind kind, const token& word) {
  node out;
  out.kind = kind;
  out.at = word.at;
  return out;
}

/// Literals and the like, which nothing can be asked of.
bool is_constant(node_kind kind) noexcept {
  return kind == node_kind::boolean || kind == node_kind::string || kind == node_kind::number ||
         kind == node_kind::nil || kind == node_kind::dot;
}

} // namespace

node expression_parser::pipeline(const std::string& context, token_kind end) {
  node out = node_at(node_kind::pipeline, peek_word());
  declarations(out, context);
  for (;;) {
    const token& word = next_word();
    if (word.kind == end)
      break;
    switch (word.kind) {
    case token_kind::boolean:
    case token_kind::char_constant:
    case token_kind::complex:
    case token_kind::dot:
    case token_kind::field:
    case token_kind::identifier:
    case token_kind::number:
    case token_kind::nil:
    case token_kind::raw_string:
    case token_kind::string:
    case token_kind::variable:
    case token_kind::left_paren:
      backup();
      out.parts.push_back(command());
      break;
    default:
      unexpected(word, context);
    }
  }
  check(out, context);
  return out;
}

void expression_parser::declarations(node& out, const std::string& context) {
  while (declares_another(out, context)) {
  }
}

/// Takes `$x :=`, `$x =` or `$x,` off the front. True if another variable follows.
bool expression_parser::declares_another(node& out, const std::string& context) {
  if (peek_word().kind != token_kind::variable)
    return false;
  const token& name = next_word();
  const size_t behind = mark();
  const token& sign = peek_word();
  const auto declare = [&] {
    next_word();
    out.names.emplace_back(name.text);
    variables_.emplace_back(name.text);
  };
  if (sign.kind == token_kind::assign || sign.kind == token_kind::declare) {
    out.assigns = sign.kind == token_kind::assign;
    declare();
    return false;
  }
  if (sign.kind != token_kind::character || sign.text != ",") {
    back_to(behind - 1);
    return false;
  }
  declare();
  if (context != "range" || out.names.size() >= 2)
    fail("too many declarations in " + context);
  const token_kind then = peek_word().kind;
  if (then != token_kind::variable && then != token_kind::right_delimiter && then != token_kind::right_paren)
    fail("range can only initialize variables");
  return true;
}

void expression_parser::check(const node& pipe, const std::string& context) const {
  if (pipe.parts.empty())
    fail("missing value for " + context);
  for (size_t i = 1; i < pipe.parts.size(); ++i)
    if (is_constant(pipe.parts[i].parts.front().kind))
      fail("non executable command in pipeline stage " + std::to_string(i + 1));
}

node expression_parser::command() {
  node out = node_at(node_kind::command, peek_word());
  for (;;) {
    peek_word();
    if (auto found = operand())
      out.parts.push_back(std::move(*found));
    const token& behind = next();
    if (behind.kind == token_kind::space)
      continue;
    if (behind.kind == token_kind::right_delimiter || behind.kind == token_kind::right_paren)
      backup();
    else if (behind.kind != token_kind::pipe)
      unexpected(behind, "operand");
    break;
  }
  if (out.parts.empty())
    fail("empty command");
  return out;
}

/// A term, perhaps with fields behind it.
std::optional<node> expression_parser::operand() {
  auto found = term();
  if (!found || peek().kind != token_kind::field)
    return found;
  const uint32_t at = peek().at;
  std::vector<std::string> fields;
  while (peek().kind == token_kind::field)
    fields.emplace_back(next().text.substr(1));
  if (is_constant(found->kind))
    fail("unexpected . after term " + quoted_text(to_text(*found)));
  if (found->kind == node_kind::field || found->kind == node_kind::variable) {
    found->at = at;
    std::ranges::move(fields, std::back_inserter(found->names));
    return found;
  }
  node chain;
  chain.kind = node_kind::chain;
  chain.at = at;
  chain.names = std::move(fields);
  chain.parts.push_back(std::move(*found));
  return chain;
}

std::optional<node> expression_parser::term() {
  const token& word = next_word();
  switch (word.kind) {
  case token_kind::identifier:
    return identifier(word);
  case token_kind::dot:
    return node_at(node_kind::dot, word);
  case token_kind::nil:
    return node_at(node_kind::nil, word);
  case token_kind::variable:
    return variable(word);
  case token_kind::field: {
    node out = node_at(node_kind::field, word);
    out.names.emplace_back(word.text.substr(1));
    return out;
  }
  case token_kind::left_paren:
    return parenthesized(word);
  case token_kind::boolean:
  case token_kind::char_constant:
  case token_kind::complex:
  case token_kind::number:
  case token_kind::raw_string:
  case token_kind::string:
    return constant(word);
  default:
    backup();
    return std::nullopt;
  }
}

node expression_parser::identifier(const token& word) const {
  node out = node_at(node_kind::identifier, word);
  out.text = word.text;
  const auto own = std::ranges::find(more_, word.text, &function::name);
  out.called = own == more_.end() ? find_function(word.text) : &*own;
  if (!out.called)
    fail("function " + quoted_text(word.text) + " not defined");
  return out;
}

node expression_parser::variable(const token& word) const {
  if (std::ranges::find(variables_, word.text) == variables_.end())
    fail("undefined variable " + quoted_text(word.text));
  node out = node_at(node_kind::variable, word);
  out.names.emplace_back(word.text);
  return out;
}

node expression_parser::parenthesized(const token&) {
  if (depth_ >= max_nesting)
    fail("max expression depth exceeded");
  const nesting deeper{depth_};
  return pipeline("parenthesized pipeline", token_kind::right_paren);
}

node expression_parser::constant(const token& word) const {
  if (word.kind == token_kind::boolean) {
    node out = node_at(node_kind::boolean, word);
    out.text = word.text;
    return out;
  }
  if (word.kind == token_kind::string || word.kind == token_kind::raw_string) {
    auto said = unquoted(word.text);
    if (!said)
      fail("invalid syntax");
    node out = node_at(node_kind::string, word);
    out.text = std::move(*said);
    out.source = word.text;
    return out;
  }
  auto read = word.kind == token_kind::char_constant ? read_character(word.text) : read_number(word.text);
  if (const auto* bad = std::get_if<std::string>(&read))
    fail(*bad);
  node out = node_at(node_kind::number, word);
  out.text = word.text;
  out.constant = std::get<number>(read);
  return out;
}

} // namespace troupe::templates
