// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::net {

/// Numbers that nobody outside can foresee, from getrandom(2), many at a time. Not thread-safe: one per user.
class secure_random {
public:
  uint16_t next() noexcept;
  /// Uniform in [0, bound); `bound` is 1 to 65536.
  uint32_t below(uint32_t bound) noexcept;

private:
  std::array<uint16_t, 128> numbers_;
  size_t left_ = 0;
};

} // namespace troupe::net
