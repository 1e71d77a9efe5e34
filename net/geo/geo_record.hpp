// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/geo/record_reader.hpp"

namespace troupe::geo {

/// What a database of cities or countries says of an address; all empty where it says nothing.
struct city_record {
  std::string_view city, country, continent; ///< names in English
  std::string_view country_code, continent_code, timezone, postal_code;
  std::string subdivisions; ///< codes with commas between them
  std::optional<double> latitude, longitude;
  bool in_european_union = false;
};

/// What one of networks says of it.
struct network_record {
  uint64_t number = 0; ///< of the autonomous system
  std::string_view organization;
};

/// Nothing: something in the record is not what it should be.
std::optional<city_record> read_city(record_reader& from, uint32_t at);
std::optional<network_record> read_network(record_reader& from, uint32_t at);

/// Behind `geoip/`; nothing for what is no label.
std::optional<std::string> label_of(const city_record& record, std::string_view name);
std::optional<std::string> label_of(const network_record& record, std::string_view name);

} // namespace troupe::geo
