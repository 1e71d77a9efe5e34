// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/secure_random.hpp"
#include "net/slot.hpp"
#include "net/socket.hpp"

#include <optional>

/// Sockets that ask other servers, and the words for what goes wrong with them: those of Go, which people know from
/// CoreDNS's log.
namespace troupe::net {

/// Reads which ports the system gives out, which takes milliseconds, unless that is done: before a loop opens a socket.
/// Any thread.
void read_upstream_ports();

/// A non-blocking UDP socket connected to `to`, on a port drawn by `random` from all that the system gives out for such
/// use (ip_local_port_range without ip_local_reserved_ports). The kernel's own choice would be random too, but how well
/// depends on its version. Error: `dial udp 127.0.0.1:53: socket: too many open files`.
socket_result open_upstream_udp(const socket_address& to, const std::optional<socket_address>& from,
                                secure_random& random);

/// A non-blocking TCP socket that has begun to connect; it becomes writable when it has or when that has failed.
socket_result open_upstream_tcp(const socket_address& to, const std::optional<socket_address>& from);

/// errno in Go's words: `connection refused`.
std::string go_text(int code);

/// `dial tcp 127.0.0.1:53: connect: connection refused`; `step` may be empty.
std::string dial_error(protocol over, const socket_address& to, const char* step, const std::string& what);

/// `read udp 127.0.0.1:53124->127.0.0.1:53: i/o timeout`; `fd` is the socket, still open.
std::string stream_error(const char* verb, protocol over, int fd, const socket_address& to, const std::string& what);

} // namespace troupe::net
