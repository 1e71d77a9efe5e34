// SPDX-License-Identifier: Apache-2.0
#include "config/go_regexp_error.hpp"

#include <re2/re2.h>

namespace troupe::config {

namespace {

const char* go_words(re2::RE2::ErrorCode code) noexcept {
  switch (code) {
  case re2::RE2::ErrorBadEscape:
    return "invalid escape sequence";
  case re2::RE2::ErrorBadCharClass:
    return "invalid character class";
  case re2::RE2::ErrorBadCharRange:
    return "invalid character class range";
  case re2::RE2::ErrorMissingBracket:
    return "missing closing ]";
  case re2::RE2::ErrorMissingParen:
    return "missing closing )";
  case re2::RE2::ErrorTrailingBackslash:
    return "trailing backslash at end of expression";
  case re2::RE2::ErrorRepeatArgument:
    return "missing argument to repetition operator";
  case re2::RE2::ErrorRepeatSize:
    return "invalid repeat count";
  case re2::RE2::ErrorRepeatOp:
    return "invalid nested repetition operator";
  case re2::RE2::ErrorBadPerlOp:
    return "invalid or unsupported Perl syntax";
  case re2::RE2::ErrorBadUTF8:
    return "invalid UTF-8";
  case re2::RE2::ErrorBadNamedCapture:
    return "invalid named capture";
  case re2::RE2::ErrorPatternTooLarge:
    return "expression too large";
  default:
    return "unexpected )";
  }
}

} // namespace

std::string go_error_text(const re2::RE2& broken) {
  const bool whole = broken.error_code() == re2::RE2::ErrorMissingParen;
  const bool closed_too_often = whole && broken.error().find("unexpected") != std::string::npos;
  return std::string{"error parsing regexp: "} + (closed_too_often ? "unexpected )" : go_words(broken.error_code())) +
         ": `" + (whole ? broken.pattern() : broken.error_arg()) + "`";
}

} // namespace troupe::config
