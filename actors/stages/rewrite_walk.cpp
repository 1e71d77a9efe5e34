// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/rewrite_walk.hpp"

#include "actors/stages/edited_answer.hpp"
#include "actors/stages/taken_question.hpp"
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
class rewrite_walk : private taken_question, public std::enable_shared_from_this<rewrite_walk> {
public:
  rewrite_walk(net::subquery_endpoint& through, net::slice one, rewrite::rewritten what)
    : taken_question(through, std::move(one)), what_(std::move(what)) {
    if (!what_.options.empty())
      what_.question.upstream_options = std::make_shared<const std::vector<uint8_t>>(std::move(what_.options));
    else if (what_.has_options)
      what_.question.upstream_options = nullptr;
  }

  void begin() {
    if (!what_.invalid_name.empty())
      return fail(("invalid name after rewrite: " + what_.invalid_name).c_str());
    if (!ask(*this, what_.question, from_behind(), &rewrite_walk::on_answer))
      fail(too_deep);
  }

private:
  friend class taken_question;

  void on_answer(net::slot& done) {
    if (done.state != net::slot_state::answered || done.rest)
      return fail_like(done);
    auto read = dns::read_message(done.message());
    auto* const message = std::get_if<dns::message>(&read);
    const auto client = dns::name::from_wire(slot().query.name_as_sent());
    if (!message || !client)
      return fail(not_rewritten);
    if (done.failure)
      failure_ = home().note(done.failure);
    options_.assign(done.opt_data.begin(), done.opt_data.end());
    message->questions.assign(1, {*client, slot().query.qtype, slot().query.qclass});
    answer_.emplace(std::move(*message), static_cast<uint16_t>(done.rcode), std::move(what_.edits));
    go_on();
  }

  void go_on() {
    switch (answer_->go_on()) {
    case rewrite::answer_editing::step::looks_up:
      return look_up();
    case rewrite::answer_editing::step::failed:
      return fail(not_rewritten);
    case rewrite::answer_editing::step::done:
      break;
    }
    if (const char* why = keep_edited(home(), slot(), answer_->message(), answer_->code()))
      return fail(why);
    slot().failure = failure_;
    home().add_options(slot(), options_);
    end(net::slot_state::answered);
  }

  /// As if a client asked: other zones, blocks and rules may have the name.
  void look_up() {
    dns::query question = what_.question;
    dns::set_name(question, answer_->target().wire());
    question.qclass = static_cast<uint16_t>(dns::rrclass::in);
    if (!ask(*this, question, from_the_front(), &rewrite_walk::on_target))
      fail(too_deep);
  }

  void on_target(net::slot& done) {
    auto read = dns::read_message(done.message());
    const auto* found = std::get_if<dns::message>(&read);
    answer_->looked_up(done.state == net::slot_state::answered ? found : nullptr);
    go_on();
  }

  rewrite::rewritten what_;
  std::optional<rewrite::answer_editing> answer_;
  const char* failure_ = nullptr; ///< of who answered
  std::vector<uint8_t> options_;  ///< likewise, of its OPT
};

} // namespace

void ask_rewritten(net::subquery_endpoint& through, net::slice one, rewrite::rewritten what) {
  std::make_shared<rewrite_walk>(through, std::move(one), std::move(what))->begin();
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
