// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/query.hpp"

#include <caf/actor_control_block.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace troupe {

/// An actor that slots are sent to, and the slots of the slice at hand that are meant for it. While nobody is there,
/// between an end and a restart, slots wait for the successor. Thread: the loop's.
struct query_target {
  /// How long slots wait; then they are answered SERVFAIL. A restart takes less, so only a fenced actor is away longer.
  static constexpr std::chrono::seconds patience{2};

  caf::strong_actor_ptr actor; ///< null: nobody is there
  uint64_t pending = 0;

  void enter(caf::strong_actor_ptr who); ///< `who` is there and is given what waits
  void send(net::slice part);

private:
  /// Null: nothing waits. Shared with the timer that ends the wait.
  std::shared_ptr<std::vector<net::slice_handle>> waiting_;
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
