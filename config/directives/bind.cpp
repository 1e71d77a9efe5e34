// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Numeric addresses of `words`, interfaces replaced by theirs; an error text for what is neither.
std::variant<std::vector<std::string>, std::string> addresses(const std::vector<std::string>& words,
                                                              const environment& env) {
  std::vector<std::string> all;
  for (const auto& word : words) {
    const size_t before = all.size();
    for (const auto& entry : env.interfaces) {
      if (entry.interface == word)
        all.push_back(entry.address);
    }
    if (all.size() > before)
      continue;
    auto address = normal_address(word);
    if (!address || word.find('%') != word.npos)
      return "not a valid IP address or interface name: " + quote(word);
    all.push_back(*address);
  }
  return all;
}

} // namespace

failure parse_bind(dispenser& in, setup& s) {
  const place at = in.at();
  const auto words = in.arguments();
  if (words.empty())
    return in.error("at least one address or interface name is expected");
  auto wanted = addresses(words, s.env);
  if (auto* problem = std::get_if<std::string>(&wanted))
    return in.error(*problem);
  std::vector<std::string> excepted;
  while (in.next_property()) {
    if (in.word() != "except")
      return in.error("invalid option " + quote(in.word()));
    const auto except = in.arguments();
    if (except.empty())
      return in.error("at least one address or interface must be given to except subdirective");
    auto found = addresses(except, s.env);
    if (auto* problem = std::get_if<std::string>(&found))
      return in.error(*problem);
    excepted = std::get<std::vector<std::string>>(found); // the last line counts, as in CoreDNS
  }
  if (!s.block.bind)
    s.block.bind.emplace().at = at;
  for (auto& address : std::get<std::vector<std::string>>(wanted)) {
    if (std::find(excepted.begin(), excepted.end(), address) == excepted.end())
      s.block.bind->addresses.push_back(std::move(address));
  }
  return std::nullopt;
}

} // namespace troupe::config
