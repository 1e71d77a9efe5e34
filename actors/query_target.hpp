// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/query.hpp"

#include <caf/actor_control_block.hpp>

#include <vector>

namespace troupe {

/// An actor that slots are sent to, and the slots of the slice at hand that are meant for it.
struct query_target {
  caf::strong_actor_ptr actor; ///< null: nobody is there
  uint64_t pending = 0;
};

/// Sends the slots of one slice to the actors they are meant for, one message each.
class fan_out {
public:
  void add(query_target& to, uint64_t bit) {
    if (to.pending == 0)
      targets_.push_back(&to);
    to.pending |= bit;
  }
  /// Takes from `slots` what was added; the rest stays.
  void send(net::slice& slots);

private:
  std::vector<query_target*> targets_;
};

} // namespace troupe
