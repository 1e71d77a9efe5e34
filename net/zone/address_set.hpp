// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/kube/objects.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

namespace troupe::zone {

/// Keyed, since who creates endpoints chooses their addresses.
struct address_hash {
  using is_avalanching = void;
  size_t operator()(const kube::address& a) const noexcept {
    return dns::hash(a.octets) * size_t{0x9e3779b97f4a7c15} + (a.v6 ? 1 : 0);
  }
};

using address_set = boost::unordered_flat_set<kube::address, address_hash>;

} // namespace troupe::zone
