// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_rules.hpp"
#include "net/metrics.hpp"

namespace troupe::net {

/// A number that goes up and down, with one writer and any number of readers.
class level {
public:
  void set(uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<uint64_t> value_{0};
};

/// `coredns_cache_*` of one cache on one loop: that loop alone writes, any thread reads. Outlives tables, so that
/// counts only grow. Arrays are by cache_side.
struct cache_counters {
  counter requests;
  std::array<counter, 2> hits;
  counter misses;
  counter prefetches; ///< refreshes begun while the asker was answered: ahead of time, or of a stale answer
  counter drops;      ///< replies whose question was another; counted by who reads replies
  counter served_stale;
  std::array<counter, 2> evictions; ///< thrown out alive to make room
  std::array<level, 2> entries;
};

} // namespace troupe::net
