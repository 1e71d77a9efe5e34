// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/loop_scheduler.hpp"
#include "actors/runtime/tell.hpp"
#include "messages/query.hpp"
#include "net/batch.hpp"

#include <algorithm>
#include <bit>

namespace troupe {

/// Deals with the slots of a message one by one, until all are or the job has had its share of the loop's time: what is
/// left is sent to the actor itself, behind what others sent. Part of an actor. Thread: the slots' home loop.
class in_time {
public:
  /// Slots between two looks at the clock, each of which costs a twentieth of a plain answer. At first, and where the
  /// last look found that time was over, it is one, and then twice as many each time that it was not.
  static constexpr size_t most_unlooked = 8;

  /// `home` null (in tests): there is always time.
  explicit in_time(const scheduled_loop* home) : home_(home) {}

  /// Calls `f(slot&, bit)`. What is left is taken out of `slots` and returned, for send_on().
  template <class F>
  net::slice each(net::slice& slots, F&& f) {
    size_t unlooked = 0;
    for (uint64_t left = slots.bits(); left != 0;) {
      const uint64_t bit = left & -left;
      left ^= bit;
      f(slots.home()[static_cast<size_t>(std::countr_zero(bit))], bit);
      if (++unlooked < step_ || left == 0 || !home_)
        continue;
      if (home_->loop.read_clock() - home_->loop.job_began() >= net::loop::max_turn) {
        step_ = 1;
        return slots.split(left);
      }
      step_ = std::min(2 * step_, most_unlooked);
      unlooked = 0;
    }
    return {};
  }

private:
  const scheduled_loop* home_;
  size_t step_ = 1;
};

/// Sends `rest` to the actor itself, as a message like the one it came by.
template <class Message = queries, class Actor>
void send_on(Actor& self, net::slice rest) {
  if (!rest.empty())
    tell(self, Message{std::move(rest).hand_over()});
}

} // namespace troupe
