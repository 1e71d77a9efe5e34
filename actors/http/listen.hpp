// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <netdb.h>
#include <string>
#include <variant>
#include <vector>

namespace troupe {

/// A TCP socket that listens on `address` (`HOST:PORT`, `[IPV6]:PORT`, `:PORT` for both families), or why there is
/// none. The caller owns the descriptor. `0.0.0.0` and `[::]` are both families, too, as in Go. A host is an address or
/// a name the resolver knows; of several addresses the first in listening_order() that works is taken. `localhost` is
/// 127.0.0.1 (RFC 6761 section 6.3): where there is no hosts file the resolver asks a DNS server for it, which may be
/// this one. A port that is not `shared` nobody else can have; one that is, others of the same user can have too, and
/// the kernel gives each connection to one of them (SO_REUSEPORT).
std::variant<int, std::string> listen_tcp(const std::string& address, bool shared);

/// What a name has, IPv4 first, as Go's listener prefers it: who asks for `localhost` mostly means 127.0.0.1.
std::vector<const addrinfo*> listening_order(const addrinfo* found);

/// The local port of a socket, 0 if it has none.
uint16_t local_port(int descriptor) noexcept;

} // namespace troupe
