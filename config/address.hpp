// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

/// The address, or what is wrong with it in Go's words (`address 9153: missing port in address`).
std::variant<host_port, std::string> parse_host_port(std::string_view text);

enum class family : uint8_t { v4, v6 };

/// The family of a numeric address (an IPv6 one may carry `%zone`), or nothing if it is not one.
std::optional<family> address_family(std::string_view text);

/// A numeric address in its shortest form (`::1`); nothing if `text` is not one.
std::optional<std::string> normal_address(std::string_view text);

} // namespace troupe::config
