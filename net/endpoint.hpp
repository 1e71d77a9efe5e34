// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/batch.hpp"
#include "net/client_shares.hpp"
#include "net/loop.hpp"

namespace troupe::net {

/// Who takes what an endpoint reads: the listener actor's front. Called on the home loop.
class sink {
public:
  virtual ~sink() = default;
  virtual plan_ptr current_plan() = 0;
  virtual void on_queries(slice_handle&& fresh) = 0;
  virtual void on_finished(slice_handle&& done) = 0; ///< answered, passed or silent slots that came home
};

/// Counts of one endpoint; written on the home loop, read anywhere.
struct endpoint_counters {
  std::atomic<uint64_t> received{0}, sent{0}, silent{0}, malformed{0}, shed{0}, dropped{0}, resent{0}, given_up{0},
    send_errors{0};
};

/// Adds to a counter that only this thread writes.
inline void bump(std::atomic<uint64_t>& counter, uint64_t by = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// A socket on one loop, its batches and its slots in flight (design part 3). It outlives the listener actor that
/// borrows it: while no sink is attached nothing is read and what comes home waits. Thread: the home loop, except as
/// noted.
class endpoint : private turn_hook {
public:
  /// Slots that may be in flight before stages that wait shed, and before that those of a client that has more of them
  /// waiting than are free; the hard end of reading is four times that.
  struct limits {
    size_t in_flight = 10'000;
    uint16_t udp_octets = 0xffff; ///< of an answer by UDP at most
    bool subqueries = false;      ///< of the server itself: answers stay whole, and each keeps the plan it began with
  };

  endpoint(loop& home, limits bounds);
  ~endpoint() override;

  loop& home_loop() const noexcept { return home_; }
  const endpoint_counters& counters() const noexcept { return counters_; }
  size_t in_flight() const noexcept { return in_flight_; }
  /// Those in flight that do not wait for somebody else's answer: they are the loop's work.
  size_t running() const noexcept { return in_flight_ - waiting_.in_all(); }

  /// A sink takes over (what waits is given to it); null: nobody at present.
  void attach(sink* to);
  sink* attached() const noexcept { return sink_; }

  /// Of one connection at most, where there are any.
  virtual void limit_questions(size_t) {}
  /// Accept nothing new, read what the kernel holds, answer what is in flight. drained() tells when that is done.
  virtual void drain() = 0;
  bool drained() const noexcept { return draining_ && in_flight_ == 0 && nothing_to_send(); }

  /// From the listener, after the response functions: the slots' answers leave (or not, if silent) and the slots are
  /// free.
  void send(slice answered);

  /// A slot that has to wait moves to a batch of its own, so that it does not hold its neighbours' memory, and is its
  /// client's. `one` holds one slot; so does what comes back.
  slice alone(slice one);

  // -- called by slices
  // -------------------------------------------------------------------------------------------------
  void on_finished(batch& home, uint64_t bits);
  void on_dropped(batch& home, uint64_t bits);

protected:
  /// Writes the answer of one slot to the socket or a queue; the slot's batch may be gone afterwards. A slot with
  /// `rest` that is not streamed yet stays open: it comes home once more (on_finished) when all of it has been sent.
  virtual void transmit(batch& home, size_t index) = 0;
  virtual void flush() {}
  virtual bool nothing_to_send() const noexcept { return true; }
  /// The sink is there again, or the turn is over: reading may go on.
  virtual void resume_reading() = 0;

  batch& new_batch(size_t slots) { return pool_.take(slots); }
  void discard(batch& empty) noexcept { pool_.give_back(empty); }
  /// A slot with its bookkeeping reset, counted as in flight.
  slot& open_slot(batch& in);
  /// Decides at the door what becomes of a slot just read: served, answered with an error, or forgotten.
  void admit(batch& in, slot& fresh, dns::verdict what, std::span<const uint8_t> packet);
  /// Frees slots whose answers have left.
  void close(batch& home, uint64_t bits);
  /// Hands the batch's open slots to the sink, or to the next one if there is none, or closes an empty batch.
  void deliver(batch& fresh);
  bool may_read() const noexcept { return sink_ != nullptr && in_flight_ < 4 * limits_.in_flight; }
  endpoint_counters& count() noexcept { return counters_; }

  bool draining_ = false;

private:
  slice set_alone(slice one);
  void end_of_turn(bool last) override;
  void collect();
  void resend(const batch& of, const slot& original);
  void give_up(batch& home, size_t index);

  loop& home_;
  limits limits_;
  sink* sink_ = nullptr;
  batch_pool pool_;
  size_t in_flight_ = 0;
  client_shares waiting_;           ///< what was set alone, by client
  std::vector<batch*> returned_;    ///< batches with slots that came home
  std::vector<batch*> undelivered_; ///< came, or came back, while nobody listens
  endpoint_counters counters_;
};

/// Octets that hold header and any question.
inline constexpr size_t smallest_response = 544;

/// Makes a response without records the answer of `to`, a slot of `home` with a readable question.
void answer_code(batch& home, slot& to, dns::rcode code);

/// The same for what the server could not answer. `why`: for `errors`, as slot::failure.
void fail(batch& home, slot& to, const char* why, dns::rcode code = dns::rcode::servfail);

/// Makes what `reply` says the answer of `to`, whose question it was kept for, given by the stage that the slot is at.
/// False, and the slot has failed, if it was kept for another name.
bool answer_from(batch& home, slot& to, const dns::kept_reply& reply, const dns::reply_writing& how);

} // namespace troupe::net
