// SPDX-License-Identifier: Apache-2.0
#include "net/template/parser_base.hpp"

#include <algorithm>

namespace troupe::templates {

token_reader::token_reader(std::string_view name, std::string_view source) : name_(name), stream_(lex(source)) {}

const token& token_reader::next() {
  const size_t here = std::min(at_++, stream_.tokens.size() - 1);
  furthest_ = std::max(furthest_, here);
  return stream_.tokens[here];
}

const token& token_reader::peek() {
  const token& found = next();
  backup();
  return found;
}

const token& token_reader::next_word() {
  const token* found = &next();
  while (found->kind == token_kind::space)
    found = &next();
  return *found;
}

const token& token_reader::peek_word() {
  const token& found = next_word();
  backup();
  return found;
}

const token& token_reader::expect(token_kind kind, const char* context) {
  const token& found = next_word();
  if (found.kind != kind)
    unexpected(found, context);
  return found;
}

/// Go names the line of the token read last, which may lie behind the one that is wrong.
void token_reader::fail(const std::string& words) const {
  throw stop{"template: " + name_ + ":" + std::to_string(stream_.tokens[furthest_].line) + ": " + words};
}

void token_reader::unexpected(const token& found, const std::string& context) const {
  if (found.kind != token_kind::error)
    fail("unexpected " + shown(found) + " in " + context);
  std::string extra;
  if (action_line_ != 0 && action_line_ != found.line) {
    extra = found.text.ends_with(" action") ? "" : " in action";
    extra += " started at " + name_ + ":" + std::to_string(action_line_);
  }
  fail(shown(found) + extra);
}

} // namespace troupe::templates
