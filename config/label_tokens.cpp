// SPDX-License-Identifier: Apache-2.0
#include "config/label_tokens.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

using enum label_token::kind;

constexpr size_t longest_name = 63, longest_prefix = 253;
constexpr std::string_view name_rule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view prefix_rule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view value_rule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_symbol(char c) {
  return std::string_view{"=!(),><"}.find(c) != std::string_view::npos;
}

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alnum(char c) {
  return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

bool is_name(std::string_view text) {
  return !text.empty() && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_prefix(std::string_view text) {
  char before = '.';
  for (char c : text) {
    const bool edge = before == '.' || c == '.';
    if (!is_lower_alnum(c) && c != '-' && c != '.')
      return false;
    if (edge && (!is_lower_alnum(c) && c != '.'))
      return false;
    if (c == '.' && !is_lower_alnum(before))
      return false;
    before = c;
  }
  return is_lower_alnum(before);
}

label_token symbol_at(std::string_view rest) {
  const std::string_view two = rest.substr(0, 2);
  if (two == "==" || two == "!=")
    return {two == "==" ? double_equals : not_equals, std::string{two}};
  const std::string one{rest.substr(0, 1)};
  switch (rest[0]) {
  case '=':
    return {equals, one};
  case '!':
    return {exclamation, one};
  case '(':
    return {open, one};
  case ')':
    return {closed, one};
  case ',':
    return {comma, one};
  case '>':
    return {greater, one};
  default:
    return {less, one};
  }
}

void join(std::string& all, std::string_view more) {
  if (!all.empty())
    all += "; ";
  all += more;
}

std::string too_long(size_t most) {
  return "must be no more than " + std::to_string(most) + " bytes";
}

} // namespace

std::vector<label_token> split_selector(std::string_view text) {
  text = text.substr(0, text.find('\0')); // Go's scanner takes it for the end
  std::vector<label_token> out;
  while (!text.empty()) {
    if (is_blank(text[0])) {
      text.remove_prefix(1);
    } else if (is_symbol(text[0])) {
      out.push_back(symbol_at(text));
      text.remove_prefix(out.back().text.size());
    } else {
      const auto end = std::ranges::find_if(text, [](char c) { return is_blank(c) || is_symbol(c); });
      const std::string word{text.begin(), end};
      out.push_back({word == "in" ? in : word == "notin" ? not_in : identifier, word});
      text.remove_prefix(word.size());
    }
  }
  out.push_back({end, ""});
  return out;
}

std::string bad_label_key(std::string_view key) {
  std::string bad;
  std::string_view name = key;
  if (const size_t slash = key.find('/'); slash != key.npos) {
    if (key.find('/', slash + 1) != key.npos)
      return "a valid label key " + std::string{name_rule} +
             " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (prefix.empty()) {
      join(bad, "prefix part must be non-empty");
    } else {
      if (prefix.size() > longest_prefix)
        join(bad, "prefix part " + too_long(longest_prefix));
      if (!is_prefix(prefix))
        join(bad, "prefix part " + std::string{prefix_rule});
    }
  }
  if (name.empty())
    join(bad, "name part must be non-empty");
  else if (name.size() > longest_name)
    join(bad, "name part " + too_long(longest_name));
  if (!is_name(name))
    join(bad, "name part " + std::string{name_rule});
  return bad;
}

std::string bad_label_value(std::string_view value) {
  std::string bad;
  if (value.size() > longest_name)
    join(bad, too_long(longest_name));
  if (!value.empty() && !is_name(value))
    join(bad, value_rule);
  return bad;
}

} // namespace troupe::config
