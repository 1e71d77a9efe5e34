// SPDX-License-Identifier: Apache-2.0
#include "config/weights.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace troupe::config {

namespace {

std::string key_of(const dns::name& owner) {
  const dns::name lowered = owner.lowered();
  return {lowered.wire().begin(), lowered.wire().end()};
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in{line};
  std::vector<std::string> out;
  for (std::string word; in >> word;)
    out.push_back(std::move(word));
  return out;
}

std::optional<prefix> host_from(const std::string& text) {
  return text.find('/') == text.npos ? prefix::from_text(text) : std::nullopt;
}

std::optional<uint8_t> weight_from(const std::string& text) {
  uint8_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return stop == end && problem == std::errc{} && value != 0 ? std::optional{value} : std::nullopt;
}

std::string trimmed(const std::string& line) {
  const size_t first = line.find_first_not_of(" \t\r\v\f");
  return first == line.npos ? "" : line.substr(first, line.find_last_not_of(" \t\r\v\f") + 1 - first);
}

} // namespace

unsigned address_weights::of(const dns::name& owner, const std::array<uint8_t, 16>& address, bool v6) const {
  const auto found = by_name_.find(key_of(owner));
  if (found == by_name_.end())
    return 1;
  const auto mine = std::ranges::find_if(found->second, [&](auto& each) { return each.address.holds(address, v6); });
  return mine == found->second.end() ? 1 : mine->value;
}

std::variant<address_weights, std::string> parse_weights(const std::string& text, const std::string& file) {
  const std::string in_file = " in weight file " + file;
  address_weights out;
  std::vector<address_weights::weight>* current = nullptr;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#')
      continue;
    const auto words = words_of(line);
    if (words.size() > 2)
      return "could not parse weight line:\"" + line + "\"" + in_file;
    const auto address = host_from(words[0]);
    if (words.size() == 1) {
      const auto name = address ? std::nullopt : dns::name::from_text(words[0]);
      if (!name)
        return "wrong domain name:\"" + words[0] + "\"" + in_file + ". (Maybe a missing weight value?)";
      current = &out.by_name_[key_of(*name)];
      continue;
    }
    const auto weight = weight_from(words[1]);
    if (!address)
      return "wrong IP address:\"" + words[0] + "\"" + in_file;
    if (!weight)
      return "wrong weight value:\"" + words[1] + "\"" + in_file;
    if (!current)
      return "missing domain name" + in_file;
    current->push_back({*address, *weight});
  }
  return out;
}

} // namespace troupe::config
