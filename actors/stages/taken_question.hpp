// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/subquery_endpoint.hpp"

#include <bit>

namespace troupe {

/// A slot that a stage has taken, for which it asks further before it lets the slot go home. Whoever does so derives
/// from this and from enable_shared_from_this, and lives as long as a question of its own is under way. Thread: the
/// slot's home loop.
class taken_question {
protected:
  taken_question(net::subquery_endpoint& through, net::slice one)
    : through_(through), one_(one.home().home().alone(std::move(one))) {}
  ~taken_question() = default;

  net::batch& home() const noexcept { return one_.home(); }
  net::slot& slot() const noexcept { return home()[static_cast<size_t>(std::countr_zero(one_.bits()))]; }

  /// Of a question that is asked as if it came from the client: other zones and blocks may have the name.
  net::subquery_start from_the_front() const { return net::subquery_start{slot(), home().plan}; }
  /// Of one that is asked from the stage behind the one that has taken the slot.
  net::subquery_start from_behind() const {
    net::subquery_start from = from_the_front();
    from.stage = static_cast<uint8_t>(slot().stage + 1);
    from.block = slot().block;
    from.zone = slot().zone;
    from.client_question = home().serves ? home().serves : &slot();
    return from;
  }

  /// `(self.*then)(done)` is called with the slot that answers, valid so long. False: it would be too deep a question.
  template <class Self>
  static bool ask(Self& self, const dns::query& question, const net::subquery_start& from,
                  void (Self::*then)(net::slot&)) {
    const bool same_question = from.client_question;
    return self.through_.ask(question, from, [kept = self.shared_from_this(), then, same_question](net::slot& done) {
      if (same_question)
        kept->home().note_answer(kept->slot(), kept->through_.notes());
      ((*kept).*then)(done);
    });
  }

  /// There is no answer, as `done` has none: with its code and reason, or silence.
  void fail_like(const net::slot& done) {
    if (done.state == net::slot_state::silent)
      return end(net::slot_state::silent);
    const bool answered = done.state == net::slot_state::answered && !done.rest;
    fail(done.failure ? done.failure : "no answer", answered ? done.rcode : dns::rcode::servfail);
  }

  /// The answer is what `done` says, to the same question.
  void hand_on(const net::slot& done) {
    if (done.state != net::slot_state::answered || done.rest)
      return fail_like(done);
    home().keep(slot(), done.message(), done.uncompressed_octets);
    slot().rcode = done.rcode;
    answered_like(done);
  }

  /// The answer is there; why there is none, and options, are those of `done`.
  void answered_like(const net::slot& done) {
    slot().failure = done.failure ? home().note(done.failure) : nullptr;
    home().add_options(slot(), done.opt_data);
    end(net::slot_state::answered);
  }

  void fail(const char* why, dns::rcode code = dns::rcode::servfail) {
    const char* const kept = home().note(why); // before the other's batch is gone
    net::fail(home(), slot(), kept, code);
    end(net::slot_state::answered);
  }

  void end(net::slot_state state) {
    slot().state = state;
    slot().reply = nullptr;
    slot().answered_by = static_cast<uint8_t>(slot().stage + 1);
    std::move(one_).finish();
  }

  static constexpr const char* too_deep = "too many questions for one";

private:
  net::subquery_endpoint& through_;
  net::slice one_;
};

} // namespace troupe
