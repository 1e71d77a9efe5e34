// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace troupe::net {

class loop;

/// Something that other threads hand to a loop: the node is part of the thing itself, so handing it over never
/// allocates.
struct inbox_node {
  /// What a loop does with it. After either function the node may be gone.
  struct verbs {
    void (*run)(inbox_node*, loop&);
    void (*discard)(inbox_node*) noexcept; ///< the loop ends without running it
  };

  explicit inbox_node(const verbs& v) noexcept : does(&v) {}

  const verbs* does;
  inbox_node* next = nullptr;
};

/// A lock-free queue of many producers and one consumer: first in, first out per producer.
class inbox {
public:
  /// Any thread. True if the inbox was empty: the consumer may be asleep and needs one wake-up.
  bool push(inbox_node* node) noexcept {
    inbox_node* head = head_.load(std::memory_order_relaxed);
    do
      node->next = head;
    while (!head_.compare_exchange_weak(head, node, std::memory_order_release, std::memory_order_relaxed));
    return head == nullptr;
  }

  /// The consumer: everything that came, oldest first, linked by `next`; null if there is nothing.
  inbox_node* take_all() noexcept {
    if (head_.load(std::memory_order_relaxed) == nullptr)
      return nullptr;
    inbox_node* newest = head_.exchange(nullptr, std::memory_order_acquire);
    inbox_node* oldest = nullptr;
    while (newest != nullptr) {
      inbox_node* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    return oldest;
  }

  bool empty() const noexcept { return head_.load(std::memory_order_relaxed) == nullptr; }

private:
  std::atomic<inbox_node*> head_{nullptr};
};

} // namespace troupe::net
