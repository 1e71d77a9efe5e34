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
  host_port address; ///< numeric; port 53 where none is written; link-local IPv6 may carry `%zone`
  std::string file;  ///< absolute; not empty: its `nameserver` lines count, not `address`
};

/// The upstreams that `words` stand for, each once, files read to see that they can be; or, for the place `at`, why one
/// cannot be used. Files are relative to the one that `at` names.
std::variant<std::vector<upstream_source>, parse_error> read_upstreams(const std::vector<std::string>& words,
                                                                       const place& at, const environment& env);

/// The `nameserver` lines of a file in resolv.conf's format, port 53, at most max_upstreams; what is not an address is
/// passed over.
std::vector<host_port> read_nameservers(std::string_view text);

} // namespace troupe::config
