// SPDX-License-Identifier: Apache-2.0
#include "config/directives/geoip.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

failure parse_geoip(dispenser& in, setup& s) {
  geoip_options& options = s.block.own<geoip_options>("geoip");
  const auto path = in.argument();
  if (!path)
    return in.argument_error();
  if (options.database)
    return in.error("configuring multiple databases is not supported");
  if (!in.arguments().empty())
    return in.argument_error();
  while (in.next_property()) {
    std::vector<std::string> words{in.word()};
    for (auto& word : in.arguments()) // on a line they are properties, too
      words.push_back(std::move(word));
    for (const auto& word : words)
      if (word != "edns-subnet")
        return in.error("unknown property " + quote(word));
    options.by_subnet = true;
  }
  auto opened = geo::geo_database::open(*path);
  if (auto* bad = std::get_if<std::string>(&opened))
    return in.error(std::move(*bad));
  options.database = std::get<geo::geo_database_ptr>(std::move(opened));
  return std::nullopt;
}

} // namespace troupe::config
