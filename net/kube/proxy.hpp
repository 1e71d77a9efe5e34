// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The proxy between this server and the API server: from the environment, as Go's net/http and with it client-go read
/// it (golang.org/x/net/http/httpproxy), or from a kubeconfig's `proxy-url`. No socket is used here.
namespace troupe::kube {

struct api_server;

struct proxy {
  enum class protocol : uint8_t { http, socks5 } speaks = protocol::http;
  std::string host; ///< name or address, IPv6 without brackets
  uint16_t port = 80;
  std::optional<std::string> credentials; ///< "USER:PASSWORD", decoded
  std::string origin;                     ///< for messages: "HTTPS_PROXY", "proxy-url of the kubeconfig"

  std::string to_text() const; ///< "the proxy HOST:PORT (ORIGIN)"
  bool operator==(const proxy&) const = default;
};

/// "HOST:PORT", with brackets around an IPv6 address.
std::string host_and_port(const std::string& host, uint16_t port);

/// `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`, what comes after it is passed over; the scheme may be left out unless
/// `with_scheme`. The text says what is wrong with `setting`, without the password, and what to do.
std::variant<proxy, std::string> parse_proxy(std::string_view value, const std::string& setting, bool with_scheme);

/// Whether a comma-separated NO_PROXY says that nobody stands in front of `host`: names with all below them (`.example`
/// and `*.example`: only those below), addresses, networks, `*`; a port may stand behind all but the last two. What is
/// none of these is passed over.
bool excludes(std::string_view no_proxy, const std::string& host, uint16_t port);

/// The value of a variable; null: not set. `std::getenv` is one.
using environment = std::function<const char*(const char* name)>;

/// Puts into `server` the proxy that HTTPS_PROXY, or HTTP_PROXY for a server without TLS, names for it, unless it has
/// one or NO_PROXY leaves it out; each name counts in capitals first and then in small letters. Never for loopback
/// addresses and `localhost`. The text says what is wrong; nothing if all is well.
std::optional<std::string> use_environment(api_server& server, const environment& get);

} // namespace troupe::kube
