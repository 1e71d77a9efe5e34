// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::config {

/// `HOST:PORT` or `:PORT` as Go's net.SplitHostPort reads it: IPv6 in brackets, `[0.0.0.0]:9153` is fine too.
struct host_port {
  std::string host; ///< without brackets; empty: every address of both families; may be a name (`localhost`)
  uint16_t port = 0;

  std::string text() const; ///< brackets around hosts with a colon
  bool operator==(const host_port&) const = default;
};

/// The port of a service by its name (`domain`), if it has one.
using port_names = std::function<std::optional<uint16_t>(const std::string& name)>;

/// The address, or what is wrong with it in Go's words (`address 9153: missing port in address`). A port may be the
/// name of a service; none behind the colon is port 0, as in Go.
std::variant<host_port, std::string> parse_host_port(std::string_view text, const port_names& names);

enum class family : uint8_t { v4, v6 };

/// The family of a numeric address (an IPv6 one may carry `%zone`), or nothing if it is not one.
std::optional<family> address_family(std::string_view text);

/// A numeric address in its shortest form (`::1`); nothing if `text` is not one. An IPv4-mapped address
/// (`::ffff:192.0.2.1`) is the IPv4 address, as in Go: a socket of IPv6 alone cannot use it.
std::optional<std::string> normal_address(std::string_view text);

/// `0.0.0.0` or `::`, however it is written: to Go's listener both mean every address of both families.
bool is_unspecified(std::string_view host);

} // namespace troupe::config
