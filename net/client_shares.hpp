// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/slot.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe::net {

/// Who a client is where places are shared out: its IPv4 address, or the /64 of its IPv6 address, of which one host may
/// have all addresses.
enum class client_key : uint64_t {};
client_key key_of(const peer& client) noexcept;

/// Keyed: nobody outside can choose addresses that all land in one place.
struct client_key_hash {
  size_t operator()(client_key key) const noexcept;
};

/// Of a number of places, how many each client has, so that whoever has most is refused first. There is no fixed share:
/// a client may have as many as are free still. So one that takes all it can get leaves half to others, n of them leave
/// a part of n + 1, and while less than half is taken nobody is refused. Who forges a client's address takes that
/// client's places, and no more than those. Counts, exactly; as much memory as there are places taken. Thread: one.
class client_shares {
public:
  /// Whether `who` may have one more, of `most` places in all of which `taken` are.
  bool may_take(client_key who, size_t most, size_t taken) const noexcept {
    return taken < most && (taken < most / 2 || of(who) < most - taken);
  }
  void take(client_key who) {
    ++taken_[who];
    ++in_all_;
  }
  /// For each take().
  void give_back(client_key who) noexcept;
  size_t of(client_key who) const noexcept;
  size_t in_all() const noexcept { return in_all_; }

private:
  boost::unordered_flat_map<client_key, uint32_t, client_key_hash> taken_;
  size_t in_all_ = 0;
};

} // namespace troupe::net
