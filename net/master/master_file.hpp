// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace troupe::master {

/// How deep files may include others, as in miekg/dns.
inline constexpr size_t max_include_depth = 7;

/// Of a master file, all that it includes and all that $GENERATE makes of it.
inline constexpr size_t max_master_octets = size_t{256} << 20;
inline constexpr size_t max_master_records = 10'000'000;

/// A master file (RFC 1035 section 5) that was read.
struct master_source {
  std::string_view text;
  std::string file; ///< for errors; what it includes is looked for beside it
  dns::name origin; ///< of relative names, until $ORIGIN says another
};

/// Content of an included file, or why there is none: `open db.more: no such file or directory`.
using include_reader = std::function<std::variant<std::string, std::string>(const std::string& path)>;

/// Gets each record in its turn; a text ends the reading and is its error.
using record_taker = std::function<std::optional<std::string>(const dns::record&)>;

/// Reads all records, with $ORIGIN, $TTL, $INCLUDE and $GENERATE as miekg/dns has them. TTLs that are left out are
/// those of $TTL, else the last one said; $GENERATE's are 3600. Returns what is wrong, in CoreDNS's words and with the
/// file's name in front (`db.org: dns: not a TTL: "x" at line: 3:9`), or nothing. Records that came before stay with
/// their taker. Time and memory are linear in the octets; no recursion deeper than max_include_depth. Thread: any.
std::optional<std::string> read_master_file(const master_source& source, const include_reader& include,
                                            const record_taker& take);

} // namespace troupe::master
