// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace troupe::zone {

/// What one question may cost beyond the octets of its answer. What says something new fills the message before this
/// is spent; it ends the search through what does not: thousands of endpoints that repeat each other, or of ports that
/// have another name. Thread: one.
class effort {
public:
  /// False: it is spent. `looks`: of some fifty instructions each.
  bool spend(size_t looks = 1) noexcept {
    left_ -= std::min(left_, looks);
    return left_ != 0;
  }
  bool spent() const noexcept { return left_ == 0; }

private:
  size_t left_ = 20'000;
};

/// So many ports or endpoints are compared for one look.
inline constexpr size_t compared_at_a_look = 8;

} // namespace troupe::zone
