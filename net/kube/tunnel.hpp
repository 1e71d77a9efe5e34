// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/proxy.hpp"
#include "net/kube/reflector.hpp"

#include <boost/beast/core/tcp_stream.hpp>

#include <functional>
#include <string>

/// What is said to a proxy before its connection is the API server's. Internal to connection.
namespace troupe::kube {

/// Where a tunnel ends.
struct tunnel_end {
  std::string host; ///< name or address, IPv6 without brackets
  uint16_t port = 0;
  std::string user_agent;
};

/// Told what went wrong, null if nothing did.
using tunnel_done = std::function<void(const exchange_error* trouble)>;

/// Has the proxy `through`, which `stream` is connected to, connect it to `end`: by CONNECT (RFC 9110 section 9.3.6) or
/// SOCKS 5 (RFC 1928). Within the time that `stream` has; it must live until `done` was called, which never happens
/// from within the call.
void open_tunnel(boost::beast::tcp_stream& stream, const proxy& through, const tunnel_end& end, tunnel_done done);
void open_socks_tunnel(boost::beast::tcp_stream& stream, const proxy& through, const tunnel_end& end, tunnel_done done);

/// The value of Proxy-Authorization (RFC 7617): empty without credentials.
std::string proxy_authorization(const proxy& through);

/// What broke while the proxy was to answer. Time-outs and closed connections are those of a proxy that is away or
/// cannot reach the server: it is tried again soon. Who says what is no answer will go on doing so.
exchange_error proxy_broke(const char* doing, boost::system::error_code error);

/// What a proxy's refusal is to whoever waits for the server behind it.
exchange_error refusal(const proxy& through, int status, std::string_view reason);

} // namespace troupe::kube
