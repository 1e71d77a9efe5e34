// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::dns {

/// What carries a message: datagrams, or a stream in which each message has its length in front (RFC 1035 section 4.2).
/// Logs, metrics and whoami say it as CoreDNS does: a stream is "tcp", be it encrypted or not.
enum class protocol : uint8_t { udp, tcp };

inline constexpr std::array protocols{protocol::udp, protocol::tcp};

/// Where it stands in `protocols`, and in what is counted by it.
constexpr size_t index_of(protocol p) noexcept {
  return static_cast<size_t>(p);
}

constexpr std::string_view text(protocol p) noexcept {
  return p == protocol::tcp ? "tcp" : "udp";
}

} // namespace troupe::dns
