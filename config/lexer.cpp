// SPDX-License-Identifier: Apache-2.0
#include "config/lexer.hpp"

#include "config/parser.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Octets of the white space at the front of `text`, 0 if there is none. Beyond ASCII this is what Go calls a space:
/// Corefiles that were copied out of web pages carry no-break spaces.
size_t space_at(std::string_view text) {
  const auto octet = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = octet(0);
  if (first == ' ' || (first >= '\t' && first <= '\r'))
    return 1;
  if (first < 0x80)
    return 0;
  if (first == 0xC2 && (octet(1) == 0x85 || octet(1) == 0xA0)) // U+0085, U+00A0
    return 2;
  const unsigned point = (octet(1) << 8) | octet(2);
  const bool spaces_of_typography = point >= 0x8080 && point <= 0x808A;          // U+2000 to U+200A
  const bool separators = point == 0x80A8 || point == 0x80A9 || point == 0x80AF; // U+2028, U+2029, U+202F
  if (first == 0xE2 && (spaces_of_typography || separators || point == 0x819F))  // U+205F
    return 3;
  if ((first == 0xE1 && point == 0x9A80) || (first == 0xE3 && point == 0x8080)) // U+1680, U+3000
    return 3;
  return 0;
}

class lexer {
public:
  lexer(std::string_view text, const std::shared_ptr<const std::string>& file)
    : rest_(text), octets_(text.size()), file_(file) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest_.starts_with(byte_order_mark))
      rest_.remove_prefix(byte_order_mark.size());
  }

  tokens run() {
    while (!rest_.empty() && words_.size() <= max_tokens) {
      if (rest_.front() == '#')
        skip_comment();
      else if (size_t octets = space_at(rest_))
        skip_space(octets);
      else
        any_word();
    }
    return std::move(words_);
  }

private:
  void skip_comment() { rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size())); }

  void skip_space(size_t octets) {
    if (rest_.front() == '\n') {
      ++line_;
      line_begun_ = false;
    }
    rest_.remove_prefix(octets);
  }

  uint32_t at() const { return static_cast<uint32_t>(octets_ - rest_.size()); }

  void any_word() {
    words_.push_back({{}, file_, line_, !line_begun_, at()});
    line_begun_ = true;
    token& out = words_.back();
    if (rest_.front() == '"')
      quoted_word(out);
    else
      word(out);
    out.end = at();
  }

  /// What follows a `#` inside of a word is dropped up to the next space; the words behind that count, as in CoreDNS.
  void word(token& out) {
    for (bool dropped = false; !rest_.empty(); rest_.remove_prefix(1)) {
      const bool carriage_return = rest_.front() == '\r';
      if (!carriage_return && space_at(rest_))
        return;
      dropped |= rest_.front() == '#';
      if (!carriage_return && !dropped)
        out.text += rest_.front();
    }
  }

  void quoted_word(token& out) {
    size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      // A backslash stands for itself, and so does what follows it, unless that is a quote.
      if (rest_[at] == '\\' && at + 1 < rest_.size()) {
        if (rest_[at + 1] != '"')
          out.text += rest_[at];
        ++at;
      }
      if (rest_[at] == '\n')
        ++line_;
      out.text += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
  }

  std::string_view rest_;
  size_t octets_; // of the whole
  std::shared_ptr<const std::string> file_;
  tokens words_;
  int line_ = 1;
  bool line_begun_ = false;
};

} // namespace

tokens lex(std::string_view text, const std::shared_ptr<const std::string>& file) {
  return lexer{text, file}.run();
}

} // namespace troupe::config
