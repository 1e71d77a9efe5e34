// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/master/master_file.hpp"
#include "net/master/zone_table.hpp"

namespace troupe::master {

/// The table of a master file, whose origin is the zone's apex; else what is wrong, in CoreDNS's words:
/// `failed to parse file "db.org" for origin example.org. with error db.org: dns: …`. Thread: any; takes about 2 µs for
/// a record, so not a loop.
std::variant<zone_table_ptr, std::string> load_zone(const master_source& source, const include_reader& include);

} // namespace troupe::master
