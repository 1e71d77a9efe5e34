// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

namespace troupe::config {

/// A block on its way into a plan: its key in parts beside what they were written as.
struct keyed_block {
  struct key {
    place at;
    zone_key parts;
    uint16_t port = 0;
  };

  raw_block raw;
  std::vector<key> keys;
};

/// Takes the keys of a block apart; only `dns://` is built, others are added to `missing`. `zones`: how many there were
/// in the blocks before; this one's are added.
std::variant<keyed_block, parse_error> read_keys(raw_block raw, const environment& env, size_t& zones,
                                                 std::vector<parse_error>& missing);

/// Groups the zones of all blocks by listening address, in the order of the Corefile, and refuses what stands twice and
/// what is both bound and unbound. `p.blocks` has the options of `blocks`, one by one.
failure make_listeners(const std::vector<keyed_block>& blocks, plan& p);

} // namespace troupe::config
