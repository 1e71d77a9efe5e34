// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::net {

/// Counters for each of some labels, kept by every loop for itself, on cache lines of its own, and added up when they
/// are read. They live as long as this does, so that counts only grow, over reloads too.
template <class Labels, class Counters>
class per_loop {
public:
  explicit per_loop(size_t loops) : loops_(loops) {}
  per_loop(const per_loop&) = delete;
  per_loop& operator=(const per_loop&) = delete;

  /// The same object for the same labels and loop (below the number given at construction). Takes a mutex and may
  /// allocate: for the building of a plan, not for a query. Thread: any; what it gives is the loop's alone.
  Counters& of(const Labels& labels, size_t loop) {
    std::lock_guard lock{mutex_};
    auto found = std::find_if(blocks_.begin(), blocks_.end(), [&](const block& b) { return b.labels == labels; });
    if (found == blocks_.end()) {
      found = blocks_.insert(blocks_.end(), block{labels, {}});
      for (size_t i = 0; i < loops_; ++i)
        found->loops.push_back(std::make_unique<padded>());
    }
    return *found->loops.at(loop);
  }

  /// `begin(labels)`, then `add(counters)` for each loop, in the order in which labels were first asked for.
  /// Thread: any.
  template <class Begin, class Add>
  void read(Begin&& begin, Add&& add) const {
    std::lock_guard lock{mutex_};
    for (const block& b : blocks_) {
      begin(b.labels);
      for (const auto& loop : b.loops)
        add(static_cast<const Counters&>(*loop));
    }
  }

private:
  struct alignas(64) padded : Counters {};
  struct block {
    Labels labels;
    std::vector<std::unique_ptr<padded>> loops;
  };

  const size_t loops_;
  mutable std::mutex mutex_;
  std::vector<block> blocks_;
};

} // namespace troupe::net
