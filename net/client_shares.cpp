// SPDX-License-Identifier: Apache-2.0
#include "net/client_shares.hpp"

#include "net/dns/name.hpp"

#include <cstring>

namespace troupe::net {

client_key key_of(const peer& client) noexcept {
  if (!client.is_v6()) // ::/32, the prefix that this looks like, belongs to nobody who asks
    return client_key{client.remote.v4.sin_addr.s_addr};
  uint64_t prefix;
  std::memcpy(&prefix, &client.remote.v6.sin6_addr, sizeof prefix);
  return client_key{prefix};
}

size_t client_key_hash::operator()(client_key key) const noexcept {
  uint8_t octets[sizeof key];
  std::memcpy(octets, &key, sizeof key);
  return dns::hash(octets);
}

void client_shares::give_back(client_key who) noexcept {
  const auto found = taken_.find(who);
  --in_all_;
  if (--found->second == 0)
    taken_.erase(found);
}

size_t client_shares::of(client_key who) const noexcept {
  const auto found = taken_.find(who);
  return found == taken_.end() ? 0 : found->second;
}

} // namespace troupe::net
