// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/search_walk.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/stages/taken_question.hpp"

#include "net/dns/message.hpp"
#include "net/dns/message_size.hpp"
#include "net/dns/message_writer.hpp"

#include <algorithm>

namespace troupe {

namespace {

class search_walk : private taken_question, public std::enable_shared_from_this<search_walk> {
public:
  search_walk(net::subquery_endpoint& through, net::slice one, std::vector<dns::name> list, net::counter& successes)
    : taken_question(through, std::move(one)), list_(std::move(list)), successes_(successes) {}

  void ask_next() {
    while (at_ < list_.size() && !name_fits())
      ++at_;
    if (at_ == list_.size())
      return answer_with_denial();
    dns::query what = slot().query; // the first is the client's own, in its spelling
    if (at_ != 0)
      dns::set_name(what, asked().wire());
    if (!ask(*this, what, from_behind(), &search_walk::on_answer))
      fail(too_deep);
  }

private:
  friend class taken_question;

  /// What the client looks for, without the name of the list that it put behind it.
  dns::name_view base() const noexcept {
    const dns::name_view whole = slot().query.name_as_sent();
    return whole.first(whole.size() - list_.front().size());
  }

  bool name_fits() const noexcept { return base().size() + list_[at_].size() <= dns::max_name_octets; }

  dns::name asked() const {
    std::array<uint8_t, dns::max_name_octets> wire;
    const dns::name_view front = base(), back = list_[at_].wire();
    std::ranges::copy(front, wire.begin());
    std::ranges::copy(back, wire.begin() + static_cast<std::ptrdiff_t>(front.size()));
    return *dns::name::from_wire(dns::name_view{wire}.first(front.size() + back.size()));
  }

  void on_answer(net::slot& done) {
    if (done.state != net::slot_state::answered || done.failure)
      return fail_like(done);
    if (done.rcode != dns::rcode::nxdomain)
      return succeed(done);
    if (at_ == 0)
      denial_.assign(done.message().begin(), done.message().end());
    ++at_;
    ask_next();
  }

  void succeed(const net::slot& found) {
    if (at_ == 0)
      home().keep(slot(), found.message(), found.uncompressed_octets);
    else if (!keep_under_the_clients_name(found))
      return fail("the answer cannot be rewritten");
    slot().rcode = found.rcode;
    successes_.add(1);
    answered_like(found);
  }

  bool keep_under_the_clients_name(const net::slot& found) {
    auto read = dns::read_message(found.message());
    auto* message = std::get_if<dns::message>(&read);
    const auto client = dns::name::from_wire(slot().query.name_as_sent());
    if (!message || message->questions.size() != 1 || !client)
      return false;
    message->questions.front().owner = *client;
    auto& answers = (*message)[dns::section::answer];
    if (!answers.empty()) {
      const dns::name target = asked();
      answers.insert(answers.begin(), dns::record{*client,
                                                  static_cast<uint16_t>(dns::rrtype::cname),
                                                  1,
                                                  answers.front().ttl,
                                                  {target.wire().begin(), target.wire().end()}});
    }
    const auto written = scratch_message().first(dns::write_message(*message, scratch_message()));
    if (written.empty())
      return false;
    home().keep(slot(), written, dns::uncompressed_size(written));
    return true;
  }

  void answer_with_denial() {
    home().keep(slot(), denial_, dns::uncompressed_size(denial_));
    slot().rcode = dns::rcode::nxdomain;
    end(net::slot_state::answered);
  }

  const std::vector<dns::name> list_;
  net::counter& successes_;
  size_t at_ = 0;               ///< in list_
  std::vector<uint8_t> denial_; ///< of the client's own name
};

} // namespace

void walk_search_list(net::subquery_endpoint& through, net::slice one, std::vector<dns::name> list,
                      net::counter& successes) {
  std::make_shared<search_walk>(through, std::move(one), std::move(list), successes)->ask_next();
}

} // namespace troupe
