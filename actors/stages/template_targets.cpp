// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/template_targets.hpp"

#include "actors/stages/edited_answer.hpp"
#include "actors/stages/taken_question.hpp"

namespace troupe {

namespace {

class target_walk : private taken_question, public std::enable_shared_from_this<target_walk> {
public:
  target_walk(net::subquery_endpoint& through, net::slice one, template_answer answer)
    : taken_question(through, std::move(one)), answer_(std::move(answer)) {}

  void ask_next() {
    for (; at_ < answer_.aliases.size(); ++at_) {
      dns::query asked = slot().query;
      const auto& alias = answers()[answer_.aliases[at_] + added_];
      if (dns::name_length(alias.data) != alias.data.size())
        continue;
      dns::set_name(asked, alias.data);
      asked.qclass = static_cast<uint16_t>(dns::rrclass::in);
      if (ask(*this, asked, from_the_front(), &target_walk::on_answer))
        return;
    }
    keep_template_answer(home(), slot(), answer_);
    end(net::slot_state::answered);
  }

private:
  friend class taken_question;

  std::vector<dns::record>& answers() noexcept { return answer_.message[dns::section::answer]; }

  void on_answer(net::slot& done) {
    if (done.state == net::slot_state::answered && !done.rest && !done.streamed) {
      auto read = dns::read_message(done.message());
      if (auto* found = std::get_if<dns::message>(&read))
        add(*found);
    }
    ++at_;
    ask_next();
  }

  void add(dns::message& found) {
    auto& more = found[dns::section::answer];
    const auto behind = answers().begin() + static_cast<std::ptrdiff_t>(answer_.aliases[at_] + added_ + 1);
    added_ += more.size();
    answers().insert(behind, std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    const auto others = static_cast<uint16_t>(answer_.message.flags & ~dns::flag::tc);
    answer_.message.flags = static_cast<uint16_t>(others | (found.flags & dns::flag::tc));
  }

  template_answer answer_;
  size_t at_ = 0;    ///< in its aliases
  size_t added_ = 0; ///< records that were put in front of what is left
};

} // namespace

void keep_template_answer(net::batch& home, net::slot& slot, const template_answer& made) {
  if (!keep_message(home, slot, made.message))
    return net::fail(home, slot, "the answer of a template cannot be written");
  slot.rcode = made.code;
  if (made.reason)
    add_extended_error(home, slot, made.reason->code, made.reason->text);
}

void follow_targets(net::subquery_endpoint& through, net::slice one, template_answer answer) {
  std::make_shared<target_walk>(through, std::move(one), std::move(answer))->ask_next();
}

} // namespace troupe
