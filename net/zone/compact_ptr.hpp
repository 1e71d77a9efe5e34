// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace troupe::zone {

/// Shares an immutable value like std::shared_ptr<const T>, in half its size: where there are 100,000 of them that is
/// what counts. No weak pointers, no aliases. Thread: as std::shared_ptr.
template <class T>
class compact_ptr {
public:
  compact_ptr() noexcept = default;
  compact_ptr(std::nullptr_t) noexcept {}
  compact_ptr(const compact_ptr& other) noexcept : cell_(other.cell_) {
    if (cell_)
      cell_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  compact_ptr(compact_ptr&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  compact_ptr& operator=(compact_ptr other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~compact_ptr() {
    if (cell_ && cell_->uses.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete cell_;
  }

  static compact_ptr make(T value) {
    compact_ptr made;
    made.cell_ = new cell{{1}, std::move(value)};
    return made;
  }

  const T* get() const noexcept { return cell_ ? &cell_->value : nullptr; }
  const T& operator*() const noexcept { return cell_->value; }
  const T* operator->() const noexcept { return &cell_->value; }
  explicit operator bool() const noexcept { return cell_ != nullptr; }
  bool operator==(const compact_ptr& other) const noexcept { return cell_ == other.cell_; }

private:
  struct cell {
    std::atomic<uint32_t> uses;
    const T value;
  };

  cell* cell_ = nullptr;
};

} // namespace troupe::zone
