// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace troupe::config {

/// The addresses of a host, numeric, in the order of preference; or why there are none, in Go's words (`lookup
/// dns.example on 10.0.0.2:53: no such host`). `resolvers` (addresses, with a port or without): those are asked by UDP,
/// one after the other until one has an address, each for A and AAAA, two seconds each; none of them: the system is
/// asked, files included. Blocks: not for loops. Thread: any.
std::variant<std::vector<std::string>, std::string> look_up_host(const std::string& name,
                                                                 const std::vector<std::string>& resolvers);

} // namespace troupe::config
