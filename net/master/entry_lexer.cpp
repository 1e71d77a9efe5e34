// SPDX-License-Identifier: Apache-2.0
#include "net/master/entry_lexer.hpp"

#include <algorithm>
#include <utility>

namespace troupe::master {

namespace {

constexpr size_t most_shown = 512; ///< octets of a token in an error's text

bool is_lexer_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r';
}

/// `text` as Go's strconv.QuoteToASCII writes it, for what is not text octet by octet.
std::string quoted_ascii(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, most_shown)) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (octet < ' ' || octet > '~')
      ((out += "\\x") += digits[octet >> 4]) += digits[octet & 15];
    else
      out += c;
  }
  return out += '"';
}

} // namespace

std::string syntax_error::to_text() const {
  return "dns: " + words + ": " + quoted_ascii(token) + " at line: " + std::to_string(line) + ':' +
         std::to_string(column);
}

syntax_error error_about(const token& where, std::string words) {
  return {std::move(words), where.quoted ? "\"" : std::string{where.text}, where.line, where.column};
}

void entry_lexer::step() noexcept {
  if (text_[at_++] == '\n') {
    ++line_;
    line_begin_ = at_;
  }
}

void entry_lexer::skip_comment() noexcept {
  at_ = std::min(text_.find('\n', at_), text_.size());
}

void entry_lexer::take_word() {
  const size_t begin = at_;
  for (; !at_end(); ++at_) {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n')
      ++at_;
    else if (is_lexer_blank(c) || c == '\n' || c == ';' || c == '"' || c == '(' || c == ')')
      break;
  }
  const bool line_ends = at_end() || text_[at_] == '\n' || text_[at_] == '\r';
  entry_.tokens.push_back({text_.substr(begin, at_ - begin), false, std::exchange(joins_, true), line_,
                           column_of(at_) - (line_ends ? 1 : 0)});
}

bool entry_lexer::take_quoted() {
  const uint32_t line = line_, column = column_of(at_);
  const size_t begin = ++at_;
  while (!at_end() && text_[at_] != '"') {
    if (text_[at_] == '\\' && at_ + 1 < text_.size())
      ++at_;
    step();
  }
  if (at_end())
    return false;
  entry_.tokens.push_back({text_.substr(begin, at_ - begin), true, std::exchange(joins_, true), line, column});
  ++at_;
  return true;
}

/// Fills `entry_` up to the end of its last line, which stays to be read.
std::optional<syntax_error> entry_lexer::read_entry() {
  size_t open = 0;
  for (;;) {
    if (at_end()) {
      if (text_[at_ - 1] != '\n')
        entry_.end = {"\n", false, false, line_, column_of(at_) - 1};
      if (open != 0)
        return syntax_error{"unbalanced brace", "unbalanced brace", entry_.end.line, entry_.end.column};
      return std::nullopt;
    }
    const char c = text_[at_];
    entry_.end = {"\n", false, false, line_, column_of(at_) - (c == '\n' ? 1 : 0)};
    joins_ = joins_ && !is_lexer_blank(c) && c != '\n' && c != ';' && c != '(' && c != ')';
    switch (c) {
    case '\n':
      if (open == 0)
        return std::nullopt;
      step();
      break;
    case ' ':
    case '\t':
    case '\r':
      ++at_;
      break;
    case ';':
      skip_comment();
      break;
    case '(':
      ++open;
      ++at_;
      break;
    case ')':
      if (open-- == 0)
        return syntax_error{"extra closing brace", "extra closing brace", line_, column_of(at_)};
      ++at_;
      break;
    case '"':
      if (const uint32_t line = line_, column = column_of(at_); !take_quoted())
        return syntax_error{"unbalanced quote", "\"", line, column};
      break;
    default:
      take_word();
    }
  }
}

std::variant<const entry*, syntax_error> entry_lexer::next() {
  while (!at_end()) {
    entry_.tokens.clear();
    joins_ = false;
    entry_.starts_blank = text_[at_] == ' ' || text_[at_] == '\t';
    if (auto error = read_entry())
      return *std::move(error);
    entry_.end = {"\n", false, false, line_, column_of(at_) - 1};
    if (!at_end())
      step();
    if (!entry_.tokens.empty())
      return &entry_;
  }
  return nullptr;
}

} // namespace troupe::master
