// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/reverse_server.hpp"

#include "messages/cluster.hpp"

namespace troupe {

reverse_server::behavior_type reverse_server::make_behavior() {
  cluster_.reverse_server.enter(ctrl());
  return {[this](queries& message) { on_queries(message); }};
}

void reverse_server::on_queries(queries& message) {
  net::slice slots = message.slots.take();
  if (slots.empty())
    return;
  constexpr auto from_addresses = [](const zone::question& q, const zone::answer_context& w, dns::response& out, void*,
                                     dns::name*) {
    use_of(&w.reverse);
    return zone::answer_reverse(q, w, out);
  };
  send_on(*this, in_time_.each(slots, [&](net::slot& slot, uint64_t) {
    answers_.answer(slots.home(), slot, from_addresses, nullptr);
  }));
  if (answers_.in_doubt(home()))
    tell(shared().where.find<reverse_keeper_actor>(cluster_.tables.named("reverse")), verify_atom::value);
  count_queries(slots.count());
  std::move(slots).finish();
}

} // namespace troupe
