// SPDX-License-Identifier: Apache-2.0
#include "config/bounds.hpp"
#include "config/parser.hpp"

namespace troupe::config {

namespace {

std::string replace(std::string_view text, std::string_view open, std::string_view close, const environment& env) {
  std::string out;
  for (;;) {
    const size_t begin = text.find(open);
    const size_t end = begin == text.npos ? text.npos : text.find(close, begin + open.size());
    if (end == text.npos || end == begin + open.size()) // `{$}` is no reference, and ends the search in CoreDNS too
      return out.append(text);
    out.append(text.substr(0, begin));
    if (env.variable)
      out += env.variable(std::string{text.substr(begin + open.size(), end - begin - open.size())}).value_or("");
    text.remove_prefix(end + close.size());
    if (out.size() > max_expanded_octets)
      return out;
  }
}

} // namespace

std::string replace_variables(std::string_view text, const environment& env) {
  if (text.find('{') == text.npos)
    return std::string{text};
  return replace(replace(text, "{%", "%}", env), "{$", "}", env);
}

} // namespace troupe::config
