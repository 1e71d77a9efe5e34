// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.hpp"

#include "net/dns/kept_reply.hpp"
#include "net/dns/response.hpp"

namespace troupe::net {

namespace {

/// Cuts the answer to what the client can take and adds OPT.
void complete(slot& done) noexcept {
  if (done.state != slot_state::answered || done.complete || done.rest)
    return;
  const size_t limit = dns::response_limit(done.query, done.protocol);
  done.answer_octets =
    dns::finish_response(done.answer, done.answer_octets, done.query, limit, done.rcode, done.opt_data);
  done.complete = true;
}

void copy_question(const slot& from, slot& to) noexcept {
  to.query = from.query;
  static_cast<slot_client&>(to) = from;
}

} // namespace

endpoint::endpoint(loop& home, limits bounds) : home_(home), limits_(bounds), pool_(*this) {
  home_.add_hook(*this);
}

endpoint::~endpoint() {
  home_.remove_hook(*this);
  for (batch* waiting : undelivered_)
    close(*waiting, waiting->open());
  for (batch* waiting : returned_)
    close(*waiting, std::exchange(waiting->returned_, 0));
}

void endpoint::attach(sink* to) {
  sink_ = to;
  if (!sink_)
    return;
  for (batch* waiting : std::exchange(undelivered_, {}))
    deliver(*waiting);
  resume_reading();
}

slot& endpoint::open_slot(batch& in) {
  slot& fresh = in.add();
  static_cast<slot_client&>(fresh) = {};
  static_cast<slot_route&>(fresh) = {};
  static_cast<slot_answer&>(fresh) = {};
  fresh.arrived = home_.now();
  fresh.may_wait = in_flight_ < limits_.in_flight;
  ++in_flight_;
  return fresh;
}

void endpoint::admit(batch& in, slot& fresh, dns::verdict what, std::span<const uint8_t> packet) {
  fresh.query.edns.udp_most = limits_.udp_octets;
  if (what == dns::verdict::serve || what == dns::verdict::refused) { // of another class: a stage may want it
    if (in_flight_ > limits_.in_flight / 2)
      fresh.may_wait = waiting_.may_take(key_of(fresh.from), limits_.in_flight, in_flight_ - 1);
    return;
  }
  if (what == dns::verdict::silence) {
    fresh.state = slot_state::silent;
    bump(counters_.malformed);
    return;
  }
  const dns::rcode code = dns::rcode_of(what);
  fresh.rcode = code;
  if (what == dns::verdict::badvers) {
    answer_code(in, fresh, code);
    return;
  }
  // What is left has no question that can be trusted: it is answered whole here.
  bump(counters_.malformed);
  std::array<uint8_t, 1100> buffer; // what badkey_response needs
  const size_t size = what == dns::verdict::notauth ? dns::badkey_response(buffer, packet, fresh.query)
                                                    : dns::error_response(buffer, fresh.query, code);
  in.keep(fresh, std::span{buffer}.first(size));
  fresh.complete = true;
}

void endpoint::close(batch& home, uint64_t bits) {
  bits &= home.open_;
  if (home.waits_ && bits != 0) {
    home.waits_ = false;
    waiting_.give_back(key_of(home[0].from));
  }
  in_flight_ -= static_cast<size_t>(std::popcount(bits));
  home.open_ &= ~bits;
  if (home.open_ == 0)
    pool_.give_back(home);
}

void endpoint::deliver(batch& fresh) {
  if (!sink_) {
    undelivered_.push_back(&fresh);
    return;
  }
  uint64_t open = 0, answered = 0, over = 0;
  for (size_t i = 0; i < fresh.used(); ++i) {
    const slot& s = fresh[i];
    const bool at_door = s.complete || s.state == slot_state::silent;
    (s.state == slot_state::open ? open : at_door ? over : answered) |= uint64_t{1} << i;
  }
  if (!fresh.plan)
    fresh.plan = sink_->current_plan();
  if (open != 0)
    sink_->on_queries(slice{fresh, open}.hand_over());
  if (answered != 0)
    sink_->on_finished(slice{fresh, answered}.hand_over());
  each_bit(over, [&](size_t index) { transmit(fresh, index); }); // with the last one the batch may go
}

void endpoint::on_finished(batch& home, uint64_t bits) {
  home.returned_ |= bits;
  if (home.queued_)
    return;
  home.queued_ = true;
  returned_.push_back(&home);
}

/// One message per batch and turn, however many actors answered parts of it.
void endpoint::collect() {
  if (!sink_)
    return;
  for (size_t i = 0; i < returned_.size(); ++i) {
    batch& home = *returned_[i];
    home.queued_ = false;
    sink_->on_finished(slice{home, std::exchange(home.returned_, 0)}.hand_over());
  }
  returned_.clear();
}

void endpoint::end_of_turn(bool last) {
  collect(); // the last time too: what it queues makes the loop turn once more instead of sleeping
  if (!last)
    return;
  flush();
  collect(); // what flush() came to the end of
  if (may_read())
    resume_reading();
}

void endpoint::send(slice answered) {
  if (answered.empty())
    return;
  batch& home = answered.home();
  each_bit(answered.release(), [&](size_t index) {
    if (!limits_.subqueries)
      complete(home[index]);
    transmit(home, index); // may close the slot and with it the batch, so nothing of them is touched afterwards
  });
}

void endpoint::on_dropped(batch& home, uint64_t bits) {
  uint64_t waiting = 0;
  each_bit(bits, [&](size_t index) {
    slot& lost = home[index];
    if (lost.streamed) { // the client has its answer: only the counting of it was lost
      transmit(home, index);
      return;
    }
    const bool again = lost.resends < most_resends && home_.now() - lost.arrived < query_deadline && !draining_;
    if (again && !lost.may_wait)
      bump(counters_.shed);
    if (!again || !lost.may_wait)
      give_up(home, index);
    else
      waiting |= uint64_t{1} << index;
  });
  each_bit(waiting, [&](size_t index) {
    resend(home, home[index]);
    close(home, uint64_t{1} << index);
  });
}

/// Again and alone, so that a poisonous query cannot take its neighbours twice; through the plan of today,
/// or that of the client's question if it is the server's own.
void endpoint::resend(const batch& of, const slot& original) {
  batch& single = pool_.take(1);
  slot& copy = open_slot(single);
  copy_question(original, copy);
  copy.resends = static_cast<uint8_t>(original.resends + 1);
  if (limits_.subqueries) {
    copy.stage = copy.entry_stage = original.entry_stage;
    copy.block = original.block;
    copy.zone = original.zone;
    single.plan = of.plan;
    single.serves = of.serves;
  }
  bump(counters_.dropped);
  bump(counters_.resent);
  deliver(single);
}

slice endpoint::alone(slice one) {
  slice out = set_alone(std::move(one));
  batch& single = out.home();
  if (!std::exchange(single.waits_, true))
    waiting_.take(key_of(single[0].from));
  return out;
}

slice endpoint::set_alone(slice one) {
  batch& from = one.home();
  if (from.capacity() == 1)
    return one;
  const uint64_t bits = one.release();
  const slot& original = from[static_cast<size_t>(std::countr_zero(bits))];
  batch& single = pool_.take(1);
  slot& copy = open_slot(single);
  copy_question(original, copy);
  static_cast<slot_route&>(copy) = original;
  single.plan = from.plan;
  single.note_answer(copy, from.notes_of(original));
  if (original.rest) {
    single.keep(copy, from, original);
  } else if (original.state == slot_state::answered || original.exists) {
    single.keep(copy, original.message(), original.uncompressed_octets);
    copy.state = original.state;
  }
  copy.exists = original.exists;
  copy.rcode = original.rcode;
  copy.answered_by = original.answered_by;
  if (original.failure)
    copy.failure = single.note(original.failure);
  close(from, bits);
  return slice{single, 1};
}

void endpoint::give_up(batch& home, size_t index) {
  slot& lost = home[index];
  fail(home, lost, "the part of the server that had the query failed");
  bump(counters_.given_up);
  bump(counters_.dropped);
  if (!limits_.subqueries)
    complete(lost);
  transmit(home, index);
}

void answer_code(batch& home, slot& to, dns::rcode code) {
  std::array<uint8_t, smallest_response> buffer;
  dns::response empty{buffer, to.query};
  empty.code(code);
  home.keep(to, empty.bytes());
  to.rcode = code;
}

void fail(batch& home, slot& to, const char* why, dns::rcode code) {
  answer_code(home, to, code);
  to.failure = why;
}

bool answer_from(batch& home, slot& to, const dns::kept_reply& reply, const dns::reply_writing& how) {
  if (reply.rcode > 15 && !to.query.edns.present) { // the low four bits alone would say something else, NOERROR perhaps
    fail(home, to, "the reply's code needs EDNS, which the client does not know");
    return false;
  }
  if (!home.keep(to, reply, how)) {
    fail(home, to, "the reply does not fit");
    return false;
  }
  to.rcode = static_cast<dns::rcode>(reply.rcode);
  to.answered_by = static_cast<uint8_t>(to.stage + 1);
  return true;
}

} // namespace troupe::net
