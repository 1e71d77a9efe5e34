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
  explicit effort(size_t looks = 20'000) noexcept : left_(looks) {}

  /// False: it is spent. `looks`: of some hundred instructions each.
  bool spend(size_t looks = 1) noexcept {
    left_ -= std::min(left_, looks);
    return left_ != 0;
  }
  bool spent() const noexcept { return left_ == 0; }

private:
  size_t left_;
};

/// The name servers of a zone: a handful, unless somebody has made one's own address an endpoint of thousands.
inline constexpr size_t most_server_looks = 6'000;

/// So many ports or endpoints are compared for one look.
inline constexpr size_t compared_at_a_look = 16;

} // namespace troupe::zone
