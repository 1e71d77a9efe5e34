// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"
#include "config/zone_index.hpp"

#include <string>
#include <vector>

namespace troupe::config {

/// `autopath [ZONES...] RESOLV-CONF | @kubernetes`: clients' search lists, walked by the server.
struct autopath_options {
  place at;
  zone_index zones;                    ///< names below these are looked at
  std::string provider;                ///< `kubernetes`: the search list is that of the client's pod; empty: `search`
  bool from_file = false;              ///< `search` is of RESOLV-CONF
  std::vector<dns::name> search;       ///< of RESOLV-CONF, lower-cased; may be empty
  std::vector<dns::name> search_of_us; ///< of /etc/resolv.conf: what pods' search lists end in
};

} // namespace troupe::config
