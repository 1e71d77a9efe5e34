// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/loop.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/stages/stage_site.hpp"
#include "messages/loop.hpp"
#include "net/socket.hpp"

#include <cstring>

namespace troupe {

namespace {

std::string text_of(const net::peer& client) {
  net::socket_address from;
  std::memcpy(&from.raw, &client.remote, sizeof client.remote);
  return from.to_text();
}

} // namespace

/// It goes no further: it would come back for ever.
stage::step loop_stage::take(net::slot& slot, net::batch& home, uint64_t number) {
  tell(shared_.where.find<loop_actor>("loop"),
       probe_returned{text_of(slot.from), at_, dns::to_text(slot.query.name_lowered()), number});
  net::answer_code(home, slot, dns::rcode::refused);
  return step::answered;
}

stage::step loop_stage::request(net::slot& slot, stage_scope& scope) {
  if (!probes_.any() || slot.query.qtype != static_cast<uint16_t>(dns::rrtype::hinfo))
    return step::next;
  if (const auto number = probes_.number_of(slot.query.name_lowered()))
    return take(slot, scope.batch, *number);
  return step::next;
}

void make_loop(stage_site& site) {
  site.add<loop_stage>(site.resources.shared, *site.resources.probes,
                       site.listener.host + ":" + std::to_string(site.listener.port));
}

} // namespace troupe
