// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/environment.hpp"
#include "config/error.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::config {

inline constexpr size_t max_upstreams = 15; ///< CoreDNS's bound for one `forward`

/// Where `forward` sends to: an address, or a file in resolv.conf's format, which is read again when it changes.
struct upstream_source {
  host_port address; ///< numeric; port 53 (TLS: 853) where none is written; link-local IPv6 may carry `%zone`
  std::string file;  ///< absolute; not empty: its `nameserver` lines count, not `address`
  bool tls = false;
  std::string
    server_name{}; ///< TLS, behind the address's `%`: for whom the certificate has to be; empty: see `forward`
};

/// The words behind `forward FROM`, and what they depend on.
struct upstream_words {
  const std::vector<std::string>& words;
  const std::vector<std::string>& resolvers; ///< numeric, with a port or without: who knows hosts; none: the system
  const place& at;                           ///< of errors; files are relative to the one that it names
  const environment& env;
  std::vector<std::string>& warnings;
};

/// The upstreams that the words stand for, each once, files read to see that they can be, hosts looked up; or why one
/// cannot be used. Blocks while hosts are looked up.
std::variant<std::vector<upstream_source>, parse_error> read_upstreams(const upstream_words& from);

/// The `nameserver` lines of a file in resolv.conf's format, port 53, at most max_upstreams; what is not an address is
/// passed over.
std::vector<host_port> read_nameservers(std::string_view text);

} // namespace troupe::config
