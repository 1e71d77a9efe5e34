// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_chase.hpp"

#include "actors/questions/message_buffer.hpp"
#include "net/dns/message.hpp"
#include "net/dns/response.hpp"

namespace troupe {

namespace {

class zone_chase : public std::enable_shared_from_this<zone_chase> {
public:
  zone_chase(net::subquery_endpoint& through, net::slice one, master::zone_table_ptr zone)
    : through_(through), one_(std::move(one)), zone_(std::move(zone)) {}

  void start() {
    net::slot& own = slot();
    master::answer_from_zone(*zone_, own.query, answer_);
    if (answer_.result != master::zone_result::elsewhere)
      return end();
    dns::query asked = own.query;
    dns::set_name(asked, answer_.target.wire());
    const net::subquery_start from{own, home().plan};
    if (!through_.ask(asked, from, [chase = shared_from_this()](net::slot& done) { chase->on_answer(done); }))
      finish(dns::rcode::servfail, {});
  }

private:
  net::batch& home() const noexcept { return one_.home(); }
  net::slot& slot() const noexcept { return home()[static_cast<size_t>(std::countr_zero(one_.bits()))]; }

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
    end();
  }

  void end() {
    keep_zone_answer(home(), slot(), *zone_, answer_);
    std::move(one_).finish();
  }

  net::subquery_endpoint& through_;
  net::slice one_;
  const master::zone_table_ptr zone_;
  master::zone_answer answer_;
};

} // namespace

void keep_zone_answer(net::batch& home, net::slot& slot, const master::zone_table& zone,
                      const master::zone_answer& answer) {
  using master::zone_result;
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

void chase_out_of_zone(net::subquery_endpoint& through, net::slice one, master::zone_table_ptr zone) {
  net::slice alone = one.home().home().alone(std::move(one));
  std::make_shared<zone_chase>(through, std::move(alone), std::move(zone))->start();
}

} // namespace troupe
