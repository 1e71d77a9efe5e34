// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"

#include <charconv>

namespace troupe::config {

std::vector<std::string> dispenser::arguments() {
  std::vector<std::string> found;
  while (auto word = argument())
    found.push_back(std::move(*word));
  return found;
}

std::optional<std::string> dispenser::argument() {
  if (!has_more() || words_[at_ + 1].starts_line || words_[at_ + 1].text == "{")
    return std::nullopt;
  return words_[++at_].text;
}

std::optional<parse_error> dispenser::no_more_on_line() {
  if (!has_more() || words_[at_ + 1].starts_line)
    return std::nullopt;
  ++at_;
  return argument_error();
}

bool dispenser::next_property() {
  if (!in_braces_) {
    if (!has_more() || words_[at_ + 1].starts_line || words_[at_ + 1].text != "{")
      return false;
    ++at_;
    in_braces_ = true;
  }
  if (!has_more())
    return false;
  ++at_;
  in_braces_ = word() != "}";
  return in_braces_;
}

parse_error dispenser::argument_error() const {
  if (word() == "{")
    return error("Unexpected token '{', expecting argument");
  return error("Wrong argument count or unexpected line ending after '" + word() + "'");
}

parse_error dispenser::left_over() const {
  const token& next = words_[at_ + 1];
  return error_at(next.at(), "Unexpected token '" + next.text + "' after the end of '" + words_.front().text + "'");
}

parse_error syntax_error(place at, const std::string& found, const std::string& expected) {
  return {std::move(at), "Syntax error: Unexpected token '" + found + "', expecting '" + expected + "'", {}};
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

std::variant<long long, std::string> parse_integer(const std::string& text) {
  long long value = 0;
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (text.size() > 1 && text[0] == '+' && text[1] != '-')
    ++begin;
  auto [stop, problem] = std::from_chars(begin, end, value);
  if (problem == std::errc::result_out_of_range)
    return "strconv.Atoi: parsing " + quote(text) + ": value out of range";
  if (problem != std::errc{} || stop != end)
    return "strconv.Atoi: parsing " + quote(text) + ": invalid syntax";
  return value;
}

} // namespace troupe::config
