// SPDX-License-Identifier: Apache-2.0
#include "config/go_regexp.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Octets at the front of `rest` that stand for themselves: an escape, with all of `\\Q…\\E`; a class; else one.
size_t literal_at(std::string_view rest) {
  const auto end = [&](size_t found, size_t octets) { return found == rest.npos ? rest.size() : found + octets; };
  if (rest.starts_with("\\Q"))
    return end(rest.find("\\E"), 2);
  if (rest[0] == '\\')
    return std::min<size_t>(rest.size(), 2);
  if (rest[0] != '[')
    return 1;
  size_t at = rest.starts_with("[^") ? 2 : 1;
  at += rest.substr(at).starts_with(']') ? 1 : 0; // the first one is a member
  while (at < rest.size() && rest[at] != ']') {
    if (rest[at] == '\\')
      at += 2;
    else if (rest.substr(at).starts_with("[:"))
      at = end(rest.find(":]", at), 2);
    else
      ++at;
  }
  return std::min(at + 1, rest.size());
}

/// `(?<` of a group with a name; `(?<=` and `(?<!` look behind, which neither language has.
bool names_group(std::string_view rest) {
  return rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!");
}

} // namespace

std::string re2_of(std::string_view expression) {
  std::string out;
  while (!expression.empty()) {
    if (names_group(expression)) {
      out += "(?P<";
      expression.remove_prefix(3);
      continue;
    }
    const size_t octets = literal_at(expression);
    out += expression.substr(0, octets);
    expression.remove_prefix(octets);
  }
  return out;
}

} // namespace troupe::config
