// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/rewrite_walk.hpp"

#include "actors/stages/edited_answer.hpp"
#include "net/rewrite/answer.hpp"

#include <optional>

namespace troupe {

namespace {

constexpr const char* not_rewritten = "the answer cannot be rewritten";
constexpr uint16_t code_bits = 15; ///< of the header

/// Makes `message` the slot's answer, with that code. Null: done; else why not, and nothing is changed.
const char* keep_edited(net::batch& home, net::slot& slot, dns::message& message, uint16_t code) {
  if (code > code_bits && !slot.query.edns.present)
    return "the answer's code needs EDNS, which the client does not know";
  message.flags = static_cast<uint16_t>((message.flags & ~code_bits) | (code & code_bits));
  if (!keep_message(home, slot, message))
    return not_rewritten;
  slot.rcode = static_cast<dns::rcode>(code);
  return nullptr;
}

/// One slot on its way through `rewrite`; lives as long as somebody is asked for it.
class rewrite_walk : public std::enable_shared_from_this<rewrite_walk> {
public:
  rewrite_walk(net::subquery_endpoint& through, net::slice one, rewrite::rewritten what)
    : through_(through), one_(std::move(one)), what_(std::move(what)) {
    if (!what_.options.empty())
      what_.question.upstream_options = std::make_shared<const std::vector<uint8_t>>(std::move(what_.options));
    else if (what_.has_options)
      what_.question.upstream_options = nullptr;
  }

  void begin() {
    if (!what_.invalid_name.empty())
      return fail(dns::rcode::servfail, ("invalid name after rewrite: " + what_.invalid_name).c_str());
    net::slot& own = slot();
    net::subquery_start from{own, home().plan};
    from.stage = static_cast<uint8_t>(own.stage + 1);
    from.block = own.block;
    from.zone = own.zone;
    ask(what_.question, from, [](rewrite_walk& walk, net::slot& done) { walk.on_answer(done); });
  }

private:
  net::batch& home() const noexcept { return one_.home(); }
  net::slot& slot() const noexcept { return home()[static_cast<size_t>(std::countr_zero(one_.bits()))]; }

  void ask(const dns::query& question, const net::subquery_start& from, void (*then)(rewrite_walk&, net::slot&)) {
    if (!through_.ask(question, from, [walk = shared_from_this(), then](net::slot& done) { then(*walk, done); }))
      fail(dns::rcode::servfail, "too many questions for one");
  }

  void on_answer(net::slot& done) {
    if (done.state == net::slot_state::silent)
      return end(net::slot_state::silent);
    if (done.state != net::slot_state::answered || done.rest)
      return fail(dns::rcode::servfail, done.failure ? done.failure : "no answer");
    auto read = dns::read_message(done.message());
    auto* const message = std::get_if<dns::message>(&read);
    const auto client = dns::name::from_wire(slot().query.name_as_sent());
    if (!message || !client)
      return fail(dns::rcode::servfail, not_rewritten);
    if (done.failure)
      failure_ = home().note(done.failure);
    message->questions.assign(1, {*client, slot().query.qtype, slot().query.qclass});
    answer_.emplace(std::move(*message), static_cast<uint16_t>(done.rcode), std::move(what_.edits));
    go_on();
  }

  void go_on() {
    switch (answer_->go_on()) {
    case rewrite::answer_editing::step::looks_up:
      return look_up();
    case rewrite::answer_editing::step::failed:
      return fail(dns::rcode::servfail, not_rewritten);
    case rewrite::answer_editing::step::done:
      break;
    }
    if (const char* why = keep_edited(home(), slot(), answer_->message(), answer_->code()))
      return fail(dns::rcode::servfail, why);
    slot().failure = failure_;
    end(net::slot_state::answered);
  }

  /// As if a client asked: other zones, blocks and rules may have the name.
  void look_up() {
    dns::query question = what_.question;
    dns::set_name(question, answer_->target().wire());
    question.qclass = static_cast<uint16_t>(dns::rrclass::in);
    ask(question, net::subquery_start{slot(), home().plan}, [](rewrite_walk& walk, net::slot& done) {
      auto read = dns::read_message(done.message());
      const auto* found = std::get_if<dns::message>(&read);
      walk.answer_->looked_up(done.state == net::slot_state::answered ? found : nullptr);
      walk.go_on();
    });
  }

  void fail(dns::rcode code, const char* why) {
    const char* kept = home().note(why); // before the other's batch is gone
    net::fail(home(), slot(), kept, code);
    end(net::slot_state::answered);
  }

  void end(net::slot_state how) {
    slot().state = how;
    slot().reply = nullptr;
    slot().answered_by = static_cast<uint8_t>(slot().stage + 1);
    std::move(one_).finish();
  }

  net::subquery_endpoint& through_;
  net::slice one_;
  rewrite::rewritten what_;
  std::optional<rewrite::answer_editing> answer_;
  const char* failure_ = nullptr; ///< of who answered
};

} // namespace

void ask_rewritten(net::subquery_endpoint& through, net::slice one, rewrite::rewritten what) {
  net::slice alone = one.home().home().alone(std::move(one));
  std::make_shared<rewrite_walk>(through, std::move(alone), std::move(what))->begin();
}

void edit_untouched(net::batch& home, net::slot& slot, rewrite::answer_edits edits) {
  const char* why = nullptr;
  edit_answer(home, slot, [&](dns::message& message) {
    rewrite::answer_editing editing{std::move(message), static_cast<uint16_t>(slot.rcode), std::move(edits)};
    editing.go_on(); // `ttl` and `rcode` rules make no names and look nothing up
    why = keep_edited(home, slot, editing.message(), editing.code());
    return false; // it is kept already, if it could be
  });
  if (why)
    net::fail(home, slot, why);
}

} // namespace troupe
