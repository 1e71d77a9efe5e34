// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/lexer.hpp"
#include "net/template/parser.hpp"

namespace troupe::templates {

/// The parser's place in the tokens, and how it gives up: `stop` is thrown and caught in this folder.
class token_reader {
public:
  token_reader(std::string_view name, std::string_view source);

  struct stop {
    std::string words;
  };

protected:
  const token& next();
  const token& peek();
  const token& next_word(); ///< passes over blanks before it
  const token& peek_word();
  void backup() noexcept { --at_; }
  size_t mark() const noexcept { return at_; }
  void back_to(size_t mark) noexcept { at_ = mark; }

  const token& expect(token_kind kind, const char* context);
  [[noreturn]] void fail(const std::string& words) const;
  [[noreturn]] void unexpected(const token& found, const std::string& context) const;

  uint32_t action_line_ = 0; ///< of the action that is read; 0: none is

private:
  const std::string name_;
  token_stream stream_;
  size_t at_ = 0, furthest_ = 0;
};

/// Pipelines and what stands in them.
class expression_parser : public token_reader {
public:
  expression_parser(std::string_view name, std::string_view source, std::span<const function> more)
    : token_reader(name, source), more_(more) {}

protected:
  node pipeline(const std::string& context, token_kind end);

  std::vector<std::string> variables_{"$"};
  size_t depth_ = 0;

private:
  void declarations(node& out, const std::string& context);
  bool declares_another(node& out, const std::string& context);
  void check(const node& pipe, const std::string& context) const;
  node command();
  std::optional<node> operand();
  std::optional<node> term();
  node identifier(const token& word) const;
  node variable(const token& word) const;
  node parenthesized(const token& paren);
  node constant(const token& word) const;

  std::span<const function> more_;
};

} // namespace troupe::templates
