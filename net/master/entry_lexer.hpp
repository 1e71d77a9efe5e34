// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::master {

/// What is wrong with a master file, and where. Prints in miekg/dns's words, which are CoreDNS's:
/// `dns: bad A A: "1.2.3" at line: 4:17`.
struct syntax_error {
  std::string words;
  std::string token; ///< what was found there
  uint32_t line = 0, column = 0;

  std::string to_text() const;
};

/// A word of an entry. Its text stands in the file, escapes unresolved.
struct token {
  std::string_view text;
  bool quoted = false; ///< stood between quotes, which are not part of the text
  bool joined = false; ///< nothing stands between it and the one before
  /// Of what ended it, as CoreDNS counts: a blank, or the last octet before a line's end; of a quoted one, of the quote
  /// that began it.
  uint32_t line = 0, column = 0;
};

/// What is wrong with a token.
syntax_error error_about(const token& where, std::string words);

/// An entry (RFC 1035 section 5.1): a line, or several that parentheses or quotes hold together.
struct entry {
  bool starts_blank = false; ///< the owner is left out
  std::vector<token> tokens; ///< at least one
  token end;                 ///< the line's end, for errors about what is not there
};

/// Takes a master file apart into entries: comments, parentheses and quotes end here, escapes stay. What is read is
/// read once, so time is linear. The text must outlive the entries. Thread: any.
class entry_lexer {
public:
  /// `first_line`: what the number of the first line is, for errors.
  explicit entry_lexer(std::string_view text, uint32_t first_line = 1) : text_(text), line_(first_line) {}

  /// The next entry that is not empty, in memory that the next call uses again; null at the end.
  std::variant<const entry*, syntax_error> next();

private:
  std::optional<syntax_error> read_entry();
  void take_word();
  bool take_quoted();
  void skip_comment() noexcept;
  void step() noexcept;
  uint32_t column_of(size_t at) const noexcept { return static_cast<uint32_t>(at - line_begin_ + 1); }
  bool at_end() const noexcept { return at_ == text_.size(); }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_begin_ = 0;
  uint32_t line_;
  bool joins_ = false; ///< the next token stands right behind the last one
  entry entry_;
};

} // namespace troupe::master
