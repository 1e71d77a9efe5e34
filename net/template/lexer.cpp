// SPDX-License-Identifier: Apache-2.0
#include "net/template/lexer.hpp"

#include "net/template/literals.hpp"

#include <algorithm>

namespace troupe::templates {

namespace {

constexpr std::string_view spaces = " \t\r\n", left = "{{", right = "}}";

bool is_space(char c) noexcept {
  return spaces.find(c) != spaces.npos;
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_word(char c) noexcept {
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr struct {
  std::string_view word;
  token_kind kind;
} language_words[] = {
  {"block", token_kind::keyword_block},
  {"break", token_kind::keyword_break},
  {"continue", token_kind::keyword_continue},
  {"define", token_kind::keyword_define},
  {"else", token_kind::keyword_else},
  {"end", token_kind::keyword_end},
  {"if", token_kind::keyword_if},
  {"nil", token_kind::nil},
  {"range", token_kind::keyword_range},
  {"template", token_kind::keyword_template},
  {"with", token_kind::keyword_with},
  {"true", token_kind::boolean},
  {"false", token_kind::boolean},
};

class template_lexer {
public:
  explicit template_lexer(std::string_view source) : source_(source) {}

  token_stream run() {
    while (!done_)
      in_action_ ? action_token() : text_token();
    return std::move(out_);
  }

private:
  std::string_view rest() const noexcept { return source_.substr(at_); }
  char peek() const noexcept { return at_ < source_.size() ? source_[at_] : '\0'; }
  bool at_end() const noexcept { return at_ >= source_.size(); }

  void emit(token_kind kind) { emit_to(kind, at_); }
  void emit_to(token_kind kind, size_t end) {
    const auto part = source_.substr(start_, end - start_);
    out_.tokens.push_back({kind, static_cast<uint32_t>(start_), line_, part});
    ignore();
  }
  /// Passes over what is pending.
  void ignore() {
    line_ += static_cast<uint32_t>(std::ranges::count(source_.substr(start_, at_ - start_), '\n'));
    start_ = at_;
  }
  void fail(std::string words) {
    out_.error = std::make_unique<const std::string>(std::move(words));
    out_.tokens.push_back({token_kind::error, static_cast<uint32_t>(start_), line_, *out_.error});
    done_ = true;
  }

  void text_token() {
    const size_t found = source_.find(left, at_);
    if (found == source_.npos) {
      at_ = source_.size();
      if (at_ > start_)
        emit(token_kind::text);
      emit(token_kind::end_of_text);
      done_ = true;
      return;
    }
    at_ = found;
    size_t end = found;
    if (trims_before(source_.substr(found + left.size())))
      while (end > start_ && is_space(source_[end - 1]))
        --end;
    if (end > start_)
      emit_to(token_kind::text, end);
    ignore();
    left_delimiter();
  }

  /// Behind `{{`.
  static bool trims_before(std::string_view s) noexcept { return s.size() >= 2 && s[0] == '-' && is_space(s[1]); }
  static bool trims_behind(std::string_view s) noexcept { return s.size() >= 2 && is_space(s[0]) && s[1] == '-'; }

  void left_delimiter() {
    at_ += left.size();
    const size_t marker = trims_before(rest()) ? 2 : 0;
    if (source_.substr(at_ + marker).starts_with("/*")) {
      at_ += marker;
      ignore();
      return comment();
    }
    emit(token_kind::left_delimiter);
    in_action_ = true;
    at_ += marker;
    ignore();
    parens_ = 0;
  }

  bool at_right(size_t& marker) const noexcept {
    marker = trims_behind(rest()) && source_.substr(at_ + 2).starts_with(right) ? 2 : 0;
    return marker != 0 || rest().starts_with(right);
  }

  void skip_spaces() {
    while (!at_end() && is_space(source_[at_]))
      ++at_;
  }

  void comment() {
    const size_t end = source_.find("*/", at_ + 2);
    if (end == source_.npos)
      return fail("unclosed comment");
    at_ = end + 2;
    size_t marker = 0;
    if (!at_right(marker))
      return fail("comment ends before closing delimiter");
    at_ += marker + right.size();
    if (marker != 0)
      skip_spaces();
    ignore();
  }

  void right_delimiter(size_t marker) {
    at_ += marker;
    ignore();
    at_ += right.size();
    emit(token_kind::right_delimiter);
    if (marker != 0)
      skip_spaces();
    ignore();
    in_action_ = false;
  }

  void action_token() {
    size_t marker = 0;
    if (at_right(marker))
      return parens_ == 0 ? right_delimiter(marker) : fail("unclosed left paren");
    if (at_end())
      return fail("unclosed action");
    const char c = source_[at_];
    if (is_space(c))
      return space();
    const char behind = at_ + 1 < source_.size() ? source_[at_ + 1] : '0'; // a last `.` begins a number
    if (is_digit(c) || c == '+' || c == '-' || (c == '.' && is_digit(behind)))
      return number();
    if (is_word(c))
      return identifier();
    ++at_;
    switch (c) {
    case '=':
      return emit(token_kind::assign);
    case ':':
      return declare();
    case '|':
      return emit(token_kind::pipe);
    case '"':
      return quoted('"', token_kind::string, "unterminated quoted string");
    case '\'':
      return quoted('\'', token_kind::char_constant, "unterminated character constant");
    case '`':
      return raw();
    case '$':
      return name(token_kind::variable, token_kind::variable);
    case '.':
      return name(token_kind::field, token_kind::dot);
    case '(':
      ++parens_;
      return emit(token_kind::left_paren);
    case ')':
      if (parens_ == 0)
        return fail("unexpected right paren");
      --parens_;
      return emit(token_kind::right_paren);
    default:
      if (c > ' ' && c < 0x7f)
        return emit(token_kind::character);
      --at_;
      return fail("unrecognized character in action: " + rune_name(rest()));
    }
  }

  void declare() {
    if (peek() != '=' || at_end())
      return fail("expected :=");
    ++at_;
    emit(token_kind::declare);
  }

  /// The last space may belong to ` -}}`.
  void space() {
    while (!at_end() && is_space(source_[at_])) {
      size_t marker = 0;
      if (at_right(marker) && marker != 0)
        break;
      ++at_;
    }
    emit(token_kind::space);
  }

  bool ends_word() const noexcept {
    return at_end() || is_space(peek()) || std::string_view{".,|:)("}.find(peek()) != std::string_view::npos ||
           rest().starts_with(right);
  }

  bool word_is_whole() {
    while (!at_end() && is_word(source_[at_]))
      ++at_;
    if (ends_word())
      return true;
    fail("bad character " + rune_name(rest()));
    return false;
  }

  void identifier() {
    if (!word_is_whole())
      return;
    const auto word = source_.substr(start_, at_ - start_);
    const auto* found = std::ranges::find(language_words, word, [](const auto& w) { return w.word; });
    emit(found == std::end(language_words) ? token_kind::identifier : found->kind);
  }

  /// Behind `.` or `$`.
  void name(token_kind kind, token_kind bare) {
    if (ends_word())
      return emit(bare);
    if (word_is_whole())
      emit(kind);
  }

  void quoted(char quote, token_kind kind, const char* open) {
    for (; !at_end() && peek() != '\n'; ++at_) {
      if (peek() == quote) {
        ++at_;
        return emit(kind);
      }
      if (peek() == '\\' && (++at_ == source_.size() || peek() == '\n'))
        break;
    }
    fail(open);
  }

  void raw() {
    const size_t end = source_.find('`', at_);
    if (end == source_.npos)
      return fail("unterminated raw quoted string");
    at_ = end + 1;
    emit(token_kind::raw_string);
  }

  bool accept(std::string_view valid) noexcept {
    if (at_end() || valid.find(source_[at_]) == valid.npos)
      return false;
    ++at_;
    return true;
  }
  void accept_run(std::string_view valid) noexcept {
    while (accept(valid)) {
    }
  }

  /// More than numbers: what is wrong in them is seen when they are read. False: it goes on behind them.
  bool scan_number() {
    accept("+-");
    std::string_view digits = "0123456789_";
    bool hex = false;
    if (accept("0")) {
      if (accept("xX")) {
        digits = "0123456789abcdefABCDEF_";
        hex = true;
      } else if (accept("oO")) {
        digits = "01234567_";
      } else if (accept("bB")) {
        digits = "01_";
      }
    }
    accept_run(digits);
    if (accept("."))
      accept_run(digits);
    if ((digits.size() == 11 && accept("eE")) || (hex && accept("pP"))) {
      accept("+-");
      accept_run("0123456789_");
    }
    accept("i");
    if (at_end() || !is_word(peek()))
      return true;
    ++at_;
    return false;
  }

  void number() {
    const auto bad = [&] { fail("bad number syntax: " + quoted_text(source_.substr(start_, at_ - start_))); };
    if (!scan_number())
      return bad();
    if (peek() != '+' && peek() != '-')
      return emit(token_kind::number);
    if (!scan_number() || source_[at_ - 1] != 'i')
      return bad();
    emit(token_kind::complex);
  }

  std::string_view source_;
  token_stream out_;
  size_t at_ = 0, start_ = 0, parens_ = 0;
  uint32_t line_ = 1;
  bool in_action_ = false, done_ = false;
};

} // namespace

token_stream lex(std::string_view source) {
  return template_lexer{source}.run();
}

std::string shown(const token& t) {
  constexpr size_t most = 10; // octets; Go counts characters
  if (t.kind == token_kind::end_of_text)
    return "EOF";
  if (t.kind == token_kind::error)
    return std::string{t.text};
  if (t.kind >= token_kind::keyword_block)
    return "<" + std::string{t.text} + ">";
  return t.text.size() > most ? quoted_text(t.text.substr(0, most)) + "..." : quoted_text(t.text);
}

} // namespace troupe::templates
