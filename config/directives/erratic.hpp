// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace troupe::config {

/// `erratic { drop N; truncate N; delay N DURATION; large }`: what happens to every N-th question; 0: to none.
struct erratic_options {
  uint64_t drop = 2, delay = 0, truncate = 0;
  std::chrono::nanoseconds duration{std::chrono::milliseconds{100}}; ///< of a delay
  bool large = false;                                                ///< answers of more than 512 octets to A
  /// Questions so far, on all loops and listeners.
  std::shared_ptr<std::atomic<uint64_t>> asked = std::make_shared<std::atomic<uint64_t>>(0);
};

} // namespace troupe::config
