// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/template_targets.hpp"

#include "actors/stages/edited_answer.hpp"

#include <bit>

namespace troupe {

namespace {

class target_walk : public std::enable_shared_from_this<target_walk> {
public:
  target_walk(net::subquery_endpoint& through, net::slice one, template_answer answer)
    : through_(through), one_(std::move(one)), answer_(std::move(answer)) {}

  void ask_next() {
    for (; at_ < answer_.aliases.size(); ++at_) {
      net::slot& own = slot();
      const net::subquery_start from{own, home().plan}; // as if a client asked: the target may be in any zone
      dns::query asked = own.query;
      const auto& alias = answers()[answer_.aliases[at_] + added_];
      if (dns::name_length(alias.data) != alias.data.size())
        continue;
      dns::set_name(asked, alias.data);
      asked.qclass = static_cast<uint16_t>(dns::rrclass::in);
      if (through_.ask(asked, from, [walk = shared_from_this()](net::slot& done) { walk->on_answer(done); }))
        return;
    }
    end();
  }

private:
  net::batch& home() const noexcept { return one_.home(); }
  net::slot& slot() const noexcept { return home()[static_cast<size_t>(std::countr_zero(one_.bits()))]; }
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

  void end() {
    net::slot& own = slot();
    if (keep_message(home(), own, answer_.message))
      own.rcode = answer_.code;
    else
      net::fail(home(), own, "the answer of a template cannot be written");
    own.state = net::slot_state::answered;
    own.reply = nullptr;
    own.answered_by = static_cast<uint8_t>(own.stage + 1);
    std::move(one_).finish();
  }

  net::subquery_endpoint& through_;
  net::slice one_;
  template_answer answer_;
  size_t at_ = 0;    ///< in its aliases
  size_t added_ = 0; ///< records that were put in front of what is left
};

} // namespace

void follow_targets(net::subquery_endpoint& through, net::slice one, template_answer answer) {
  net::slice alone = one.home().home().alone(std::move(one));
  std::make_shared<target_walk>(through, std::move(alone), std::move(answer))->ask_next();
}

} // namespace troupe
