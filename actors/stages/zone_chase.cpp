// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_chase.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/stages/taken_question.hpp"
#include "net/dns/message.hpp"
#include "net/dns/response.hpp"
#include "net/master/name_key.hpp"

namespace troupe {

namespace {

class zone_chase : private taken_question, public std::enable_shared_from_this<zone_chase> {
public:
  zone_chase(net::subquery_endpoint& through, net::slice one, master::zone_table_ptr zone, bool noted)
    : taken_question(through, std::move(one)), zone_(std::move(zone)), noted_(noted) {}

  void start() {
    master::answer_from_zone(*zone_, slot().query, answer_);
    if (answer_.result != master::zone_result::elsewhere)
      return give();
    dns::query asked = slot().query;
    dns::set_name(asked, answer_.target.wire());
    if (!ask(*this, asked, from_the_front(), &zone_chase::on_answer))
      finish(dns::rcode::servfail, {});
  }

private:
  friend class taken_question;

  void on_answer(net::slot& done) {
    if (done.state == net::slot_state::silent) // CoreDNS takes no message for one that says nothing
      return finish(dns::rcode::refused, {});
    if (done.state != net::slot_state::answered)
      return finish(dns::rcode::servfail, {});
    auto read = dns::read_message(done.message());
    auto* message = std::get_if<dns::message>(&read);
    if (!message)
      return finish(dns::rcode::servfail, {});
    finish(done.rcode, std::move((*message)[dns::section::answer]));
  }

  void finish(dns::rcode code, std::vector<dns::record> records) {
    master::finish_from_elsewhere(*zone_, slot().query, code, std::move(records), answer_);
    give();
  }

  void give() {
    keep_zone_answer(home(), slot(), *zone_, answer_, noted_);
    end(net::slot_state::answered);
  }

  const master::zone_table_ptr zone_;
  const bool noted_;
  master::zone_answer answer_;
};

} // namespace

void keep_zone_answer(net::batch& home, net::slot& slot, const master::zone_table& zone,
                      const master::zone_answer& answer, bool noted) {
  using master::zone_result;
  if (noted && answer.wildcard != master::zone_table::none)
    home.note_answer(slot, std::make_shared<const net::answer_notes>(net::answer_notes{
                             {}, master::name_of_key(zone[answer.wildcard].key(), zone.apex()).to_text()}));
  slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
  if (answer.result == zone_result::failure && answer.answer.empty())
    return net::answer_code(home, slot, dns::rcode::servfail);
  size_t uncompressed = 0;
  const auto room = scratch_message().first(dns::response_room(slot.query, slot.protocol));
  const size_t octets = master::write_zone_answer(zone, slot.query, answer, room, uncompressed);
  home.keep(slot, room.first(octets), uncompressed);
  slot.rcode = answer.result == zone_result::name_error ? dns::rcode::nxdomain
               : answer.result == zone_result::failure  ? dns::rcode::servfail
                                                        : answer.code;
}

void chase_out_of_zone(net::subquery_endpoint& through, net::slice one, master::zone_table_ptr zone, bool noted) {
  std::make_shared<zone_chase>(through, std::move(one), std::move(zone), noted)->start();
}

} // namespace troupe
