// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <maxminddb.h>

#include <string>

namespace troupe::geo {

/// libmaxminddb's view of a database, and what it is good for.
struct opened_file {
  opened_file() = default;
  opened_file(const opened_file&) = delete;
  opened_file& operator=(const opened_file&) = delete;
  ~opened_file() {
    if (is_open)
      MMDB_close(&db);
  }

  MMDB_s db{};
  bool is_open = false;
  std::string name;                           ///< of the file, without its folder
  bool knows_city = false, knows_asn = false; ///< by the type that it says it is of
};

} // namespace troupe::geo
