// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::templates {

enum class token_kind : uint8_t {
  error, ///< the last one; `text` is Go's words
  boolean,
  character, ///< printable ASCII that stands for nothing else: a comma
  char_constant,
  complex,
  assign,
  declare,
  end_of_text,
  field,
  identifier,
  left_delimiter,
  left_paren,
  number,
  pipe,
  raw_string,
  right_delimiter,
  right_paren,
  space,
  string,
  text,
  variable,
  // Words of the language come after all else.
  keyword_block,
  keyword_break,
  keyword_continue,
  dot,
  keyword_define,
  keyword_else,
  keyword_end,
  keyword_if,
  nil,
  keyword_range,
  keyword_template,
  keyword_with
};

struct token {
  token_kind kind = token_kind::end_of_text;
  uint32_t at = 0;   ///< octet of the source
  uint32_t line = 1; ///< where it begins
  std::string_view text;
};

/// The source cut into tokens; white space at trim markers and comments are gone. The last token is `end_of_text` or
/// `error`. Lives no longer than the source.
struct token_stream {
  std::vector<token> tokens;
  std::unique_ptr<const std::string> error; ///< what the error's `text` shows; null: there is none
};

/// Linear in the source.
token_stream lex(std::string_view source);

/// As Go's errors show a token: `"foo"`, `<end>`, `EOF`.
std::string shown(const token& t);

} // namespace troupe::templates
