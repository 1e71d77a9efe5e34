// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/pinned.hpp"
#include "messages/slip.hpp"

#include <array>
#include <vector>

namespace troupe {

/// Questions that were lost with whoever had them, by number: to be asked again after 2 ms, when lost once more after
/// 4, 8, … which adds up to a second, longer than restarts take. Thread: the loop's.
class lost_questions {
public:
  static constexpr unsigned most = 9; ///< losses of one question that are followed by another try
  static constexpr std::chrono::milliseconds first_wait{2};

  /// Has `asker` told `again_atom, losses` when it is time to ask again. False: too often, or there is no loop.
  bool add(uint64_t number, unsigned losses, scheduled_loop* home, caf::strong_actor_ptr asker) {
    if (losses >= most || !home)
      return false;
    auto& same = by_losses_[losses];
    same.push_back(number);
    if (same.size() == 1)
      home->loop.at(home->loop.now() + first_wait * (1 << losses),
                    [losses, weak = caf::actor_cast<caf::weak_actor_ptr>(asker)] {
                      tell(caf::actor_cast<caf::strong_actor_ptr>(weak), again_atom::value, losses);
                    });
    return true;
  }

  /// Those that are due, for `again_atom`.
  std::vector<uint64_t> take(unsigned losses) { return std::exchange(by_losses_.at(losses), {}); }

private:
  std::array<std::vector<uint64_t>, most> by_losses_;
};

} // namespace troupe
