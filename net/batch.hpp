// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/answer_source.hpp"
#include "net/slice.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::dns {
struct reply_writing;
}

namespace troupe::net {

class endpoint;

/// What a server answers by; the net layer only keeps it alive as long as a query that began with it.
using plan_ptr = std::shared_ptr<const void>;

/// What `metadata` can say of an answer, by who made it.
struct answer_notes {
  std::string upstream; ///< who was asked last, as `10.0.0.1:53`; empty: nobody
  std::string wildcard; ///< the name whose records stand for the one asked for; empty: none
};
using answer_notes_ptr = std::shared_ptr<const answer_notes>;

/// Up to 64 slots that were read together, the memory of their answers, and the plan they began with. Owned by its
/// endpoint's pool, which takes it back when no slot is open. Thread: the home loop only.
class batch {
public:
  static constexpr size_t max_slots = 64;
  /// Room behind each answer for the OPT that finish_response adds.
  static constexpr size_t answer_slack = 16;

  batch(endpoint& home, size_t capacity);

  endpoint& home() const noexcept { return *home_; }
  size_t capacity() const noexcept { return capacity_; }
  slot& operator[](size_t i) noexcept { return slots_[i]; }

  /// Opens the next free slot.
  slot& add() noexcept {
    open_ |= uint64_t{1} << used_;
    return slots_[used_++];
  }
  size_t used() const noexcept { return used_; }
  uint64_t open() const noexcept { return open_; }
  bool full() const noexcept { return used_ == capacity_; }

  /// Copies a response into the batch's memory as the slot's answer and marks the slot answered. `uncompressed`: octets
  /// that it would have if no name in it were compressed; 0: as many.
  void keep(slot& target, std::span<const uint8_t> response, size_t uncompressed = 0);

  /// The same, written from `reply`. False, and nothing is changed, if that was kept for a name of another length.
  bool keep(slot& target, const dns::kept_reply& reply, const dns::reply_writing& writing);

  /// In a batch of one: the slot's answer says what `reply` says; see slot::reply.
  void remember(slot& target, std::shared_ptr<const dns::kept_reply> reply);

  /// The slot's answer is what `source` makes: only for slots that came by a stream. Marks the slot answered.
  void keep(slot& target, std::unique_ptr<answer_source> source);

  /// The same source, which was the answer of `from`, a slot of `other`.
  void keep(slot& target, batch& other, const slot& from);

  /// Adds an EDNS option (its code and data) to those that go out with the slot's answer, which is there.
  void add_option(slot& target, uint16_t code, std::span<const uint8_t> data);
  /// The same for some in wire form.
  void add_options(slot& target, std::span<const uint8_t> options);

  /// Copies a text into the batch's memory; it lives as long as the batch's answers.
  const char* note(std::string_view text);

  /// What there is to say of the slot's answer; null says nothing.
  void note_answer(const slot& target, answer_notes_ptr notes) {
    if (notes)
      notes_.emplace_back(&target - slots_.get(), std::move(notes));
  }
  /// What was noted last; null: nothing.
  answer_notes_ptr notes_of(const slot& target) const noexcept;

  plan_ptr plan;
  /// Of a question of the server's own that a stage asks behind itself: the client's question that it was made of,
  /// which the stage holds as long as it asks. Null: every slot is what somebody asked.
  const slot* serves = nullptr;

private:
  friend class endpoint;
  friend class batch_pool;

  void reset() noexcept;

  static constexpr size_t first_chunk = 4096; ///< octets; enough for 64 small answers in most cases

  struct chunk {
    std::unique_ptr<uint8_t[]> octets;
    size_t size = 0, used = 0;
  };

  endpoint* home_;
  size_t capacity_;
  size_t used_ = 0;
  uint64_t open_ = 0;     ///< not finished with
  uint64_t returned_ = 0; ///< came home since the endpoint last looked
  bool queued_ = false;   ///< on the endpoint's list of batches with returned slots
  bool waits_ = false;    ///< its one slot waits, and is counted as its client's
  std::span<uint8_t> allot(size_t octets);

  std::vector<chunk> memory_;
  std::shared_ptr<const dns::kept_reply> reply_; ///< of a batch of one
  std::vector<std::unique_ptr<answer_source>> sources_;
  std::vector<std::pair<std::ptrdiff_t, answer_notes_ptr>> notes_; ///< by the slot's position
  std::unique_ptr<slot[]> slots_;
};

/// Batches of three sizes, kept for reuse. Thread: the home loop only.
class batch_pool {
public:
  explicit batch_pool(endpoint& home) : home_(home) {}

  /// An empty batch for at least `slots` slots (at most 64).
  batch& take(size_t slots);
  void give_back(batch& done) noexcept;
  /// Batches that are out.
  size_t out() const noexcept { return out_; }

private:
  static constexpr size_t sizes[] = {1, 8, batch::max_slots};
  static constexpr size_t kept_per_size[] = {256, 16, 8};

  endpoint& home_;
  std::vector<std::unique_ptr<batch>> free_[3];
  size_t out_ = 0;
};

template <class F>
void slice::each(F&& f) const {
  each_bit(bits_, [&](size_t index) {
    if constexpr (std::is_invocable_v<F, slot&, uint64_t>)
      f(home()[index], uint64_t{1} << index);
    else
      f(home()[index]);
  });
}

} // namespace troupe::net
