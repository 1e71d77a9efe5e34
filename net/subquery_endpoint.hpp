// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/endpoint.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>

namespace troupe::net {

/// Questions of the server's own that one client's question may cause one after the other, each for the one before.
inline constexpr uint8_t max_depth = 8;

/// Where a question of the server's own enters a plan.
struct subquery_start {
  plan_ptr plan;      ///< of the question it serves: both see the same configuration
  uint8_t stage = 0;  ///< asked from this stage on; 0: as if it came from a client, dispatched by its name
  uint16_t block = 0; ///< with `stage`
  uint16_t zone = 0;  ///< with `stage`

  /// For the sake of `slot`, whose client, protocol, deadline and depth it takes over.
  explicit subquery_start(const slot& asker, plan_ptr its_plan) noexcept : plan(std::move(its_plan)), serves(asker) {}
  const slot& serves; ///< must live until ask() returns
  /// With `stage`: what a client asked, see batch::serves; must live until the answer is there. Null: nobody looks.
  const slot* client_question = nullptr;
};

/// An endpoint without a socket: questions that the server asks itself (cache misses, refreshes, targets of aliases)
/// pass through the same stages as those of clients and are never lost either: each gets exactly one answer, SERVFAIL
/// at worst. Outlives the actors that ask. Thread: the home loop.
class subquery_endpoint final : public endpoint {
public:
  /// Gets the slot when it is answered or silent; slot and answer are valid during the call only.
  using answered = std::function<void(slot&)>;

  /// During such a call: what was noted of the answer; null: nothing.
  answer_notes_ptr notes() const noexcept { return notes_; }

  explicit subquery_endpoint(loop& home) : endpoint(home, {.in_flight = SIZE_MAX / 8, .subqueries = true}) {}

  /// `then` is called once, later in this turn or in another, never from inside ask(). False, and no call, if the
  /// question would be deeper than max_depth.
  bool ask(const dns::query& query, const subquery_start& from, answered then);

  void drain() override { draining_ = true; }

private:
  void transmit(batch& home, size_t index) override;
  void resume_reading() override {}

  boost::unordered_flat_map<uint32_t, answered> waiting_; ///< by stream id
  uint32_t next_ = 0;
  answer_notes_ptr notes_; ///< of the answer that is being handed out
};

} // namespace troupe::net
