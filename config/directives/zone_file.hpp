// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"
#include "net/master/load_zone.hpp"

namespace troupe::config {

/// Content of a master file, or why it cannot be opened in Go's words: `open db.org: no such file or directory`.
std::variant<std::string, std::string> read_zone_file(const environment& env, const std::string& path);

/// The table of such a content; what it includes is read, too. Else what is wrong, in CoreDNS's words.
std::variant<master::zone_table_ptr, std::string> load_zone(const environment& env, const std::string& text,
                                                            const std::string& path, const dns::name& apex);

} // namespace troupe::config
