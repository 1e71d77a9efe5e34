// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe::bench {

/// Counts of durations in buckets at most 1.6 % wide: the top seven bits of a value and how far it was shifted.
class histogram {
public:
  void add(uint64_t nanoseconds) noexcept { ++counts_[bucket(nanoseconds)]; }

  void add(const histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
  }

  /// The smallest value of the bucket that holds the share `part` (0 to 1) of all values; 0 if there are none.
  uint64_t quantile(double part) const noexcept {
    uint64_t all = 0, seen = 0;
    for (auto count : counts_)
      all += count;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) > 0 && static_cast<double>(seen) >= part * static_cast<double>(all))
        return lowest(i);
    return 0;
  }

private:
  static constexpr int kept_bits = 6;
  static constexpr std::size_t row = std::size_t{1} << kept_bits;

  static std::size_t bucket(uint64_t value) noexcept {
    int shift = std::bit_width(value) - kept_bits - 1;
    return shift <= 0 ? value : static_cast<std::size_t>(shift) * row + (value >> shift);
  }

  static uint64_t lowest(std::size_t bucket) noexcept {
    if (bucket < 2 * row)
      return bucket;
    auto shift = bucket / row - 1;
    return (bucket - shift * row) << shift;
  }

  std::array<uint64_t, 60 * row> counts_{};
};

} // namespace troupe::bench
