// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::config {

/// A key of a block, `[SCHEME://]ZONE[:PORT]`, taken apart.
struct zone_key {
  std::string scheme = "dns";   ///< dns, tls, quic, grpc, https, https3 or unix
  std::vector<dns::name> zones; ///< lower-cased; several where a CIDR zone does not end on an octet or nibble
  std::string port;             ///< decimal digits as written; empty: none
};

/// Takes a scheme and `://` off the front of `text`, however they are written (RFC 3986 section 3.1): one of
/// zone_key's, `dns` if there is none.
std::string_view take_scheme(std::string_view& text);

/// The key, or what is wrong with it in CoreDNS's words.
std::variant<zone_key, std::string> parse_zone_key(std::string_view text);

/// The zones that arguments of a directive name; what cannot be read is left out without a word, as in CoreDNS.
std::vector<dns::name> named_zones(const std::vector<std::string>& words);

/// Port of a scheme where the key has none (`dns` has the one of `-dns.port`, so it is not here).
const char* default_port(std::string_view scheme);

/// The reverse zones that a CIDR stands for, on octet (IPv4) or nibble (IPv6) boundaries: 10.0.0.0/15 is
/// 0.10.in-addr.arpa and 1.10.in-addr.arpa. Empty if `text` is not a CIDR. Bits behind the mask are ignored.
std::vector<dns::name> reverse_zones(std::string_view text);

} // namespace troupe::config
