// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/file.hpp"

#include <functional>

namespace troupe::config {

/// Files that one `auto` looks at, and folders below its own that are walked into.
inline constexpr size_t max_auto_files = 100'000, max_auto_depth = 32;

/// `auto [ZONES…] { directory DIR [REGEXP TEMPLATE]; reload DUR }`. As in CoreDNS there is one for a block: later uses
/// go on from the first.
struct auto_options {
  std::vector<dns::name> origins; ///< nothing else is answered
  std::string directory;
  std::string expression = R"(db\.(.*))"; ///< of file names, as Go writes it
  std::string origin = "${1}";            ///< the zone of a file name that fits, as Go's Regexp.Expand reads it
  std::chrono::nanoseconds reload{default_zone_reload}; ///< 0: never
  std::vector<file_options::zone> zones;                ///< that were found, all with tables
};

/// Go's Regexp.Expand: `$1`, `${1}`, `$name`, `${name}` and `$$` in `text`, others being nothing. `group(NAME)` is what
/// a group has matched.
std::string expanded(std::string_view text, const std::function<std::string(std::string_view)>& group);

} // namespace troupe::config
