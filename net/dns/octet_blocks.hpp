// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace troupe::dns {

/// Memory for octets that live and die together. It is got in blocks, each twice as large as the one before up to 64
/// KiB; what was kept stays where it is, also when the whole is moved. Thread: the owner's.
class octet_blocks {
public:
  /// Room for `most` octets to write into, good until it is called again.
  uint8_t* room(size_t most) {
    if (left_.size() < most) {
      const size_t size = std::max(most, next_size_);
      left_ = {blocks_.emplace_back(std::make_unique_for_overwrite<uint8_t[]>(size)).get(), size};
      next_size_ = std::min(2 * size, max_size);
    }
    return left_.data();
  }

  /// The first `used` octets of the room, which are not given out again.
  std::span<const uint8_t> keep(size_t used) noexcept {
    const auto kept = left_.first(used);
    left_ = left_.subspan(used);
    return kept;
  }

private:
  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  std::span<uint8_t> left_; ///< of the last block
  size_t next_size_ = 512;
  static constexpr size_t max_size = 65'536; ///< unless one room takes more
};

} // namespace troupe::dns
