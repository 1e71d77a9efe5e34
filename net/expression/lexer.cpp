// SPDX-License-Identifier: Apache-2.0
#include "net/expression/tree.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe::expressions {

namespace {

constexpr std::string_view word_signs[] = {"in",         "or",       "and", "not", "matches", "contains",
                                           "startsWith", "endsWith", "let", "if",  "else"};
constexpr std::string_view double_signs[] = {"==", "!=", ">=", "<=", "&&", "||", "**", "..", "??", "?.", "::"};

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_figure(char c) noexcept {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&](uint32_t octet) { out += static_cast<char>(octet); };
  if (code < 0x80)
    return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

class expression_lexer {
public:
  explicit expression_lexer(std::string_view source) : source_(source) {}

  std::variant<std::vector<token>, error_at> run() {
    while (!bad_ && at_ < source_.size())
      take();
    if (bad_)
      return *bad_;
    // expr's end stands on the last octet.
    out_.push_back({token_kind::end, static_cast<uint32_t>(source_.empty() ? 0 : source_.size() - 1), ""});
    return std::move(out_);
  }

private:
  char peek(size_t ahead = 0) const noexcept { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  void emit(token_kind kind, size_t begin, std::string text) {
    out_.push_back({kind, static_cast<uint32_t>(begin), std::move(text)});
  }
  void fail(std::string words, size_t at) { bad_ = error_at{std::move(words), static_cast<uint32_t>(at)}; }

  void take() {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
      ++at_;
    else if (c == '"' || c == '\'')
      quoted(c);
    else if (c == '`')
      raw();
    else if (is_figure(c) || (c == '.' && is_figure(peek(1))))
      number();
    else if (is_letter(c))
      word();
    else if (source_.substr(at_).starts_with("//"))
      at_ = std::min(source_.find('\n', at_), source_.size());
    else if (source_.substr(at_).starts_with("/*"))
      comment();
    else
      sign(c);
  }

  void comment() {
    const size_t end = source_.find("*/", at_ + 2);
    if (end == source_.npos)
      return fail("unclosed comment", source_.size());
    at_ = end + 2;
  }

  void word() {
    const size_t begin = at_;
    while (is_letter(peek()) || is_figure(peek()))
      ++at_;
    std::string text{source_.substr(begin, at_ - begin)};
    const bool operates = std::ranges::find(word_signs, text) != std::end(word_signs);
    emit(operates ? token_kind::sign : token_kind::name, begin, std::move(text));
  }

  void number() {
    const size_t begin = at_;
    const bool prefixed = peek() == '0' && std::string_view{"xXoObB"}.find(peek(1)) != std::string_view::npos;
    if (prefixed)
      at_ += 2;
    const auto figures = [&] {
      while (is_figure(peek()) || peek() == '_' ||
             (prefixed && std::string_view{"abcdefABCDEF"}.find(peek()) != std::string_view::npos && peek() != '\0'))
        ++at_;
    };
    figures();
    if (!prefixed && peek() == '.' && peek(1) != '.') {
      ++at_;
      figures();
    }
    if (!prefixed && (peek() == 'e' || peek() == 'E')) {
      at_ += peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      figures();
    }
    std::string text{source_.substr(begin, at_ - begin)};
    if (is_letter(peek()))
      return fail("bad number syntax: \"" + text + peek() + "\"", at_);
    emit(token_kind::number, begin, std::move(text));
  }

  void raw() {
    const size_t begin = at_, end = source_.find('`', at_ + 1);
    if (end == source_.npos)
      return fail("literal not terminated", source_.size());
    at_ = end + 1;
    emit(token_kind::text, begin, std::string{source_.substr(begin + 1, end - begin - 1)});
  }

  void quoted(char quote) {
    const size_t begin = at_++;
    std::string out;
    while (!bad_ && peek() != quote) {
      if (at_ >= source_.size() || peek() == '\n')
        return fail("literal not terminated", at_);
      if (peek() == '\\')
        escape(out, quote);
      else
        out += source_[at_++];
    }
    ++at_;
    if (!bad_)
      emit(token_kind::text, begin, std::move(out));
  }

  void escape(std::string& out, char quote) {
    const size_t begin = at_++;
    const char c = peek();
    ++at_;
    constexpr std::string_view letters = "abtnvfr";
    if (const size_t found = letters.find(c); found != letters.npos) {
      out += static_cast<char>(found + 7);
    } else if (c == '\\' || c == quote) {
      out += c;
    } else if (c == 'x' || c == 'u' || c == 'U') {
      const auto code = figures(c == 'x' ? 2 : c == 'u' ? 4 : 8, 16);
      if (!code || *code > 0x10ffff)
        return fail("invalid char escape", begin + 1);
      append_utf8(out, *code);
    } else if (c >= '0' && c <= '3') {
      --at_;
      const auto code = figures(3, 8);
      if (!code)
        return fail("invalid char escape", begin + 1);
      append_utf8(out, *code);
    } else {
      fail("invalid char escape", begin + 1);
    }
  }

  std::optional<uint32_t> figures(size_t count, unsigned base) {
    uint32_t code = 0;
    for (size_t i = 0; i < count; ++i, ++at_) {
      const char c = peek();
      const int digit = is_figure(c)           ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : 99;
      if (digit >= static_cast<int>(base))
        return std::nullopt;
      code = code * base + static_cast<uint32_t>(digit);
    }
    return code;
  }

  void sign(char c) {
    const size_t begin = at_;
    const auto two = source_.substr(at_, 2);
    if (std::ranges::find(double_signs, two) != std::end(double_signs)) {
      at_ += 2;
      return emit(token_kind::sign, begin, std::string{two});
    }
    if (std::string_view{"([{)]}"}.find(c) != std::string_view::npos && c != '\0') {
      ++at_;
      return emit(token_kind::bracket, begin, std::string(1, c));
    }
    if (c != '\0' && std::string_view{"!#%&*+,-./:;<=>?^|"}.find(c) != std::string_view::npos) {
      ++at_;
      return emit(token_kind::sign, begin, std::string(1, c));
    }
    char words[64];
    std::snprintf(words, sizeof words,
                  c > ' ' && c < 0x7f ? "unrecognized character: U+%04X '%c'" : "unrecognized character: U+%04X",
                  static_cast<unsigned>(static_cast<unsigned char>(c)), c);
    fail(words, begin);
  }

  std::string_view source_;
  std::vector<token> out_;
  std::optional<error_at> bad_;
  size_t at_ = 0;
};

} // namespace

std::variant<std::vector<token>, error_at> lex(std::string_view source) {
  return expression_lexer{source}.run();
}

} // namespace troupe::expressions
