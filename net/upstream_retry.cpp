// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_state.hpp"

#include <utility>

namespace troupe::net {

namespace {

/// Who does not know EDNS says FORMERR or NOTIMP (RFC 6891 section 7), and some SERVFAIL or REFUSED; but who answers
/// with OPT means what was asked. BADVERS is about EDNS whoever says it: we speak version 0.
bool may_be_about_edns(const dns::kept_reply& reply) noexcept {
  switch (static_cast<dns::rcode>(reply.rcode)) {
  case dns::rcode::formerr:
  case dns::rcode::notimp:
  case dns::rcode::badvers:
    return true;
  case dns::rcode::servfail:
  case dns::rcode::refused:
    return !reply.edns;
  default:
    return false;
  }
}

bool is_fetched_again(const dns::kept_reply& reply, const exchange_wish& how) noexcept {
  return reply.truncated() &&
         (how.truncated == refetch::always || (how.truncated == refetch::if_empty && !reply.found));
}

} // namespace

void upstream_link::state::answered(uint64_t key, exchange& e, dns::kept_reply_ptr reply) {
  learn(e, *reply);
  const bool about_edns = may_be_about_edns(*reply);
  if (about_edns && std::exchange(e.asked_both, false)) { // the query without OPT has its reply to come
    e.fallback = std::move(reply);
    return;
  }
  const bool no_edns = e.with_opt && about_edns;
  const bool cut = e.over == protocol::udp && is_fetched_again(*reply, e.how);
  if (!no_edns && !cut)
    return finish(key, e, std::move(reply));
  if (!e.fallback || cut)
    e.fallback = std::move(reply);
  if (no_edns)
    give_up_opt(e);
  else
    e.over = protocol::tcp;
  ask_anew(key, e);
}

/// What else comes on the socket there was is nobody's. It is closed when the next is open: a port is not used twice.
void upstream_link::state::ask_anew(uint64_t key, exchange& e) {
  e.asked_both = false;
  const counted_socket old = release(e);
  begin_attempt(key, e);
}

/// The upstream does not keep the capitals, or somebody guessed ID and port but not the spelling.
void upstream_link::state::ask_in_small_letters(uint64_t key, exchange& e) {
  e.asked.qname = e.asked.lowered;
  ask_anew(key, e);
}

bool upstream_link::state::edns_in_doubt(const exchange& e) const noexcept {
  return e.with_opt && !edns->speaks(home.now());
}

void upstream_link::state::give_up_opt(exchange& e) noexcept {
  e.with_opt = false;
  e.gave_up_opt = true;
}

/// Half of the attempt's time is over. By UDP the query is repeated where it was asked, with the same ID, so that a
/// late answer to the first counts as well and nobody has more to guess at. A connection may be what is stuck.
void upstream_link::state::ask_without_opt(uint64_t key, exchange& e) {
  give_up_opt(e);
  e.due = e.ends;
  due.emplace(e.due, key);
  if (e.over == protocol::udp) {
    e.asked_both = true;
    send_datagram(key, e, e.socket.fd.get());
    return;
  }
  if (e.stream == 0) // it waits to be asked again anyway
    return;
  streams.at(e.stream)->retired = true;
  leave_stream(e);
  ask_by_tcp(key, e, true);
}

void upstream_link::state::learn(const exchange& e, const dns::kept_reply& reply) noexcept {
  const auto code = static_cast<dns::rcode>(reply.rcode);
  if (reply.edns && code != dns::rcode::badvers) // which says that it does not speak ours
    edns->spoke(home.now());
  else if (e.gave_up_opt && (code == dns::rcode::noerror || code == dns::rcode::nxdomain))
    edns->answered_only_without(home.now());
}

} // namespace troupe::net
