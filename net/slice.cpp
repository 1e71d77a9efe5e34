// SPDX-License-Identifier: Apache-2.0
#include "net/slice.hpp"

#include "net/batch.hpp"
#include "net/endpoint.hpp"

namespace troupe::net {

const inbox_node::verbs slice_cell::own_verbs{&slice_cell::report, &slice_cell::forget};

void slice_cell::report(inbox_node* node, loop&) {
  auto* cell = static_cast<slice_cell*>(node);
  batch& home = *cell->home_;
  const uint64_t dropped = std::exchange(cell->dropped_, 0);
  cell->release();
  home.home().on_dropped(home, dropped);
}

void slice_cell::forget(inbox_node* node) noexcept {
  // The loop is ending, and with it the sockets that an answer could leave by.
  auto* cell = static_cast<slice_cell*>(node);
  cell->dropped_ = 0;
  cell->release();
}

void slice_cell::release() noexcept {
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (const uint64_t left = bits_.exchange(0, std::memory_order_relaxed); left != 0) {
    refs_.store(1, std::memory_order_relaxed); // the inbox's
    drop(left);
  } else {
    delete this;
  }
}

/// Hands one reference to the home loop's inbox.
void slice_cell::drop(uint64_t bits) noexcept {
  dropped_ = bits;
  home_->home().home_loop().post(*this);
}

slice slice_handle::take() noexcept {
  if (!cell_)
    return {};
  const uint64_t bits = cell_->bits_.exchange(0, std::memory_order_acq_rel);
  if (bits == 0)
    return {};
  cell_->retain();
  return {cell_, bits};
}

slice::~slice() {
  if (!cell_)
    return;
  if (bits_ != 0)
    cell_->drop(bits_); // our reference goes along
  else
    cell_->release();
}

slice slice::split(uint64_t bits) {
  bits &= bits_;
  if (bits == 0)
    return {};
  slice part{home(), bits}; // may throw, so before the slots leave
  bits_ &= ~bits;
  return part;
}

slice_handle slice::hand_over() && noexcept {
  if (bits_ == 0)
    return {};
  cell_->bits_.store(std::exchange(bits_, 0), std::memory_order_release);
  return slice_handle{std::exchange(cell_, nullptr)};
}

void slice::finish() && {
  if (bits_ != 0) {
    batch& to = home();
    to.home().on_finished(to, std::exchange(bits_, 0));
  }
}

} // namespace troupe::net
