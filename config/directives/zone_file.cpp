// SPDX-License-Identifier: Apache-2.0
#include "config/directives/zone_file.hpp"

namespace troupe::config {

std::variant<std::string, std::string> read_zone_file(const environment& env, const std::string& path) {
  using outcome = std::variant<std::string, std::string>;
  auto content = env.read(path);
  if (const auto* bad = std::get_if<environment::unreadable>(&content))
    return outcome{std::in_place_index<1>, "open " + path + ": " + bad->reason};
  return outcome{std::in_place_index<0>, std::get<std::string>(std::move(content))};
}

std::variant<master::zone_table_ptr, std::string> load_zone(const environment& env, const std::string& text,
                                                            const std::string& path, const dns::name& apex) {
  return master::load_zone({text, path, apex}, [&](const std::string& other) { return read_zone_file(env, other); });
}

} // namespace troupe::config
