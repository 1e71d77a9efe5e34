// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/inbox.hpp"
#include "net/slot.hpp"

#include <atomic>
#include <bit>
#include <utility>

namespace troupe::net {

class batch;
class slice;

/// Calls `f(index)` for each bit that is set, the lowest first.
template <class F>
void each_bit(uint64_t bits, F&& f) {
  for (; bits != 0; bits &= bits - 1)
    f(static_cast<size_t>(std::countr_zero(bits)));
}

/// The heap cell in which slots travel from actor to actor. Whoever takes the slots out must answer them or hand them
/// on; a cell that dies with slots in it reports them to their endpoint as dropped, from whatever thread, without
/// allocating.
class slice_cell final : public inbox_node {
public:
  slice_cell(batch& home, uint64_t bits) noexcept : inbox_node(own_verbs), home_(&home), bits_(bits) {}

private:
  friend class slice;
  friend class slice_handle;

  static void report(inbox_node*, loop&);
  static void forget(inbox_node*) noexcept;
  static const verbs own_verbs;

  void retain() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;
  void drop(uint64_t bits) noexcept;

  batch* home_;
  std::atomic<uint32_t> refs_{1};
  std::atomic<uint64_t> bits_; ///< slots inside
  uint64_t dropped_ = 0;       ///< on the way home as a drop
};

/// What a message carries: a counted reference to a cell. Copies share the cell; only one of them gets the slots.
class slice_handle {
public:
  slice_handle() noexcept = default;
  slice_handle(const slice_handle& other) noexcept : cell_(other.cell_) {
    if (cell_)
      cell_->retain();
  }
  slice_handle(slice_handle&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  slice_handle& operator=(slice_handle other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~slice_handle() {
    if (cell_)
      cell_->release();
  }

  /// Empties the cell. The result is empty if another handle was quicker.
  slice take() noexcept;

private:
  friend class slice;
  explicit slice_handle(slice_cell* cell) noexcept : cell_(cell) {}
  slice_cell* cell_ = nullptr;
};

/// A batch and a set of its slots, owned by one. Destroyed with slots in it, it drops them (see slice_cell).
/// Thread: the batch's home loop, except for destruction and moving.
class slice {
public:
  slice() noexcept = default;
  slice(batch& home, uint64_t bits) : cell_(bits ? new slice_cell(home, 0) : nullptr), bits_(bits) {}
  slice(slice&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)), bits_(std::exchange(other.bits_, 0)) {}
  slice& operator=(slice&& other) noexcept {
    std::swap(cell_, other.cell_);
    std::swap(bits_, other.bits_);
    return *this;
  }
  ~slice();

  bool empty() const noexcept { return bits_ == 0; }
  uint64_t bits() const noexcept { return bits_; }
  size_t count() const noexcept { return static_cast<size_t>(std::popcount(bits_)); }
  batch& home() const noexcept { return *cell_->home_; }

  /// Takes the given slots out into a slice of their own; those not in here are ignored.
  slice split(uint64_t bits);

  /// Puts the slots into the cell and gives a handle for a message; this slice is empty then.
  slice_handle hand_over() && noexcept;

  /// All slots go home: answered, passed or silent, as their state says.
  void finish() &&;

  /// For the endpoint, which takes responsibility for the slots: the slice is empty then, and nothing is dropped.
  uint64_t release() noexcept { return std::exchange(bits_, 0); }

  /// Calls `f(slot&)`, or `f(slot&, bit)`, for each slot that is in here when it begins.
  template <class F>
  void each(F&& f) const;

private:
  friend class slice_handle;
  slice(slice_cell* cell, uint64_t bits) noexcept : cell_(cell), bits_(bits) {}
  slice_cell* cell_ = nullptr; ///< one reference
  uint64_t bits_ = 0;
};

} // namespace troupe::net
