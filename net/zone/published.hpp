// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::zone {

/// A cell through which one writer publishes immutable values to readers on other threads.
///
/// The writer keeps what it replaced and frees it at a later `publish` or `collect`, once nobody else holds it: so a
/// big value is never freed in a reader's turn. Thread: publish and collect belong to one writer at a time (any
/// thread), everything else to anybody. A reader must keep the cell alive.
template <class T>
class published {
public:
  using ptr = std::shared_ptr<const T>;

  published() = default;
  explicit published(ptr first) : current_(std::move(first)), version_(1) {}
  published(const published&) = delete;
  published& operator=(const published&) = delete;

  void publish(ptr next) {
    {
      std::lock_guard guard{lock_};
      current_.swap(next);
      version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    if (next)
      retired_.push_back(std::move(next));
    collect();
  }

  /// Frees replaced values that no reader holds any more. Returns how many are still held.
  size_t collect() {
    // Nobody can take a new copy of a retired pointer, so a count of one stays one.
    std::erase_if(retired_, [](const ptr& old) { return old.use_count() == 1; });
    return retired_.size();
  }

  /// The current value (null before the first publish). Takes a short lock: for rare uses; loops keep a `reader`.
  ptr snapshot() const {
    std::lock_guard guard{lock_};
    return current_;
  }

  uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
  template <class>
  friend class reader;

  mutable std::mutex lock_;
  ptr current_;
  std::atomic<uint64_t> version_{0};
  std::vector<ptr> retired_; // the writer's alone
};

/// One loop's view of a cell. Thread: the loop's. Costs one atomic load while nothing changed.
template <class T>
class reader {
public:
  explicit reader(const published<T>& cell) : cell_(&cell) {}

  /// The newest value; valid until the next `get`.
  const std::shared_ptr<const T>& get() {
    if (cell_->version_.load(std::memory_order_acquire) != seen_)
      refresh();
    return value_;
  }

private:
  void refresh() {
    std::lock_guard guard{cell_->lock_};
    value_ = cell_->current_;
    seen_ = cell_->version_.load(std::memory_order_relaxed);
  }

  const published<T>* cell_;
  std::shared_ptr<const T> value_;
  uint64_t seen_ = 0;
};

} // namespace troupe::zone
