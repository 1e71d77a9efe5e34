// SPDX-License-Identifier: Apache-2.0
#include "config/search_list.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr std::string_view space = " \t\r\v\f";

/// Takes the next word off the front of `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
  const auto word = line.substr(0, line.find_first_of(space));
  line.remove_prefix(word.size());
  return word;
}

std::vector<dns::name> names_of(std::string_view words, size_t most) {
  std::vector<dns::name> found;
  for (auto word = next_word(words); !word.empty() && found.size() < most; word = next_word(words)) {
    if (const auto name = dns::name::from_text(word))
      found.push_back(name->lowered());
  }
  return found;
}

} // namespace

std::vector<dns::name> read_search_list(std::string_view text) {
  std::vector<dns::name> found;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto what = line.starts_with(';') || line.starts_with('#') ? std::string_view{} : next_word(line);
    if (what == "search")
      found = names_of(line, max_search_names);
    else if (what == "domain")
      found = names_of(line, 1);
  }
  return found;
}

} // namespace troupe::config
