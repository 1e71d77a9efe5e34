// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/error.hpp"
#include "config/zone_index.hpp"
#include "net/master/zone_table.hpp"

#include <chrono>

namespace troupe::config {

inline constexpr std::chrono::nanoseconds default_zone_reload{std::chrono::minutes{1}};

/// What all uses of `file DBFILE [ZONES…]` of a block say together: as in CoreDNS `fallthrough` is everybody's, and
/// `reload` and `reload_by_mtime` hold for uses behind them, too.
struct file_options {
  struct zone {
    place at;
    dns::name apex;   ///< lower-case
    std::string path; ///< relative to `root`, else to the working directory, as in CoreDNS
    std::chrono::nanoseconds reload{default_zone_reload}; ///< 0: never
    bool by_mtime = false;                                ///< the file's time says whether it is new, not the serial
    master::zone_table_ptr table;                         ///< null: the file could not be opened when it was read
  };

  std::vector<zone> zones; ///< each apex once: the last use counts
  bool fall_through = false;
  zone_index fall_through_zones;
  std::chrono::nanoseconds reload{default_zone_reload}; ///< of the next use
  bool by_mtime = false;                                ///< of the next use
};

} // namespace troupe::config
