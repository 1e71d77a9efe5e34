// SPDX-License-Identifier: Apache-2.0
#include "net/master/load_zone.hpp"

#include "net/master/zone_builder.hpp"

namespace troupe::master {

std::variant<zone_table_ptr, std::string> load_zone(const master_source& source, const include_reader& include) {
  const std::string file = '"' + source.file + '"', origin = source.origin.lowered().to_text();
  zone_builder builder{source.origin};
  bool refused = false; // by the builder
  const auto error = read_master_file(source, include, [&](const dns::record& r) {
    auto words = builder.add(r);
    refused = words.has_value();
    return words;
  });
  if (error)
    return refused ? *error : "failed to parse file " + file + " for origin " + origin + " with error " + *error;
  if (!builder.has_soa())
    return "file " + file + " has no SOA record for origin " + origin;
  return builder.finish();
}

} // namespace troupe::master
