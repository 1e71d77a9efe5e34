// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/pinned.hpp"
#include "messages/atoms.hpp"

#include <algorithm>
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

  /// Has `asker` told `again_atom, at_once`: those are to be asked again now.
  void add_now(const std::vector<uint64_t>& numbers, const caf::strong_actor_ptr& asker) {
    auto& same = by_losses_[at_once];
    const bool told = !same.empty();
    same.insert(same.end(), numbers.begin(), numbers.end());
    if (!told && !same.empty())
      tell(asker, again_atom::value, at_once);
  }

  /// Those that are due, for `again_atom`; if they are many some of them, and `asker` is told so again.
  std::vector<uint64_t> take(unsigned losses, const caf::strong_actor_ptr& asker) {
    auto& same = by_losses_.at(losses);
    const auto rest = same.begin() + static_cast<ptrdiff_t>(std::min(same.size(), at_a_time));
    std::vector<uint64_t> out{same.begin(), rest};
    same.erase(same.begin(), rest);
    if (!same.empty())
      tell(asker, again_atom::value, uint32_t{losses});
    return out;
  }

private:
  static constexpr uint32_t at_once = most;
  static constexpr size_t at_a_time = 64;

  std::array<std::vector<uint64_t>, most + 1> by_losses_;
};

} // namespace troupe
