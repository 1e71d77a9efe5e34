// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/geo/geo_database.hpp"

namespace troupe::config {

/// `geoip DBFILE { edns-subnet }`: `metadata` says where clients are.
struct geoip_options {
  geo::geo_database_ptr database;
  bool by_subnet = false; ///< `edns-subnet`: by the client subnet of a question that has one (RFC 7871)
};

} // namespace troupe::config
