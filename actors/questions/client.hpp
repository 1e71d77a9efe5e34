// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"
#include "net/slot.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

/// Who asked, and where, as stages want to know it. Thread: any.
namespace troupe {

/// The client's address; of a socket for both families as IPv4 where it is one (RFC 4291 section 2.5.5.2).
inline kube::address address_of(const net::peer& client) noexcept {
  kube::address out;
  if (!client.is_v6()) {
    std::memcpy(out.octets.data(), &client.remote.v4.sin_addr, 4);
    return out;
  }
  const auto* octets = client.remote.v6.sin6_addr.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&client.remote.v6.sin6_addr)) {
    std::copy_n(octets + 12, 4, out.octets.begin());
    return out;
  }
  std::copy_n(octets, 16, out.octets.begin());
  out.v6 = true;
  return out;
}

inline uint16_t port_of(const net::peer& client) noexcept {
  return ntohs(client.is_v6() ? client.remote.v6.sin6_port : client.remote.v4.sin_port);
}

inline std::string address_text(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, address, text, sizeof text);
  return text;
}

/// The client's address as its socket has it.
inline std::string client_text(const net::peer& client) {
  return client.is_v6() ? address_text(AF_INET6, &client.remote.v6.sin6_addr)
                        : address_text(AF_INET, &client.remote.v4.sin_addr);
}

/// Our address as asked. `bound`: that of the listener, empty if it is at every address.
inline std::string server_text(const net::peer& client, const std::string& bound) {
  return bound.empty() ? address_text(client.is_v6() ? AF_INET6 : AF_INET, &client.local) : bound;
}

} // namespace troupe
