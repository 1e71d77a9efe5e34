// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cname_chase.hpp"

#include "actors/questions/message_buffer.hpp"

#include "net/dns/message.hpp"
#include "net/dns/message_size.hpp"
#include "net/dns/message_writer.hpp"

namespace troupe {

namespace {

/// Whatever the target's code: aliases on the way to a name that does not exist are an answer too. What came cut leaves
/// the answer cut, so that the client asks again by TCP.
void append_answers(net::batch& home, net::slot& to, const net::slot& from) {
  if (from.state != net::slot_state::answered || from.failure)
    return;
  auto own = dns::read_message(to.message());
  auto more = dns::read_message(from.message());
  auto* whole = std::get_if<dns::message>(&own);
  auto* target = std::get_if<dns::message>(&more);
  if (!whole || !target)
    return;
  for (auto& record : (*target)[dns::section::answer])
    (*whole)[dns::section::answer].push_back(std::move(record));
  whole->flags |= target->flags & dns::flag::tc;
  const auto written = scratch_message().first(dns::write_message(*whole, scratch_message()));
  if (!written.empty())
    home.keep(to, written, dns::uncompressed_size(written));
}

} // namespace

void ask_for_target(net::subquery_endpoint& through, net::slice one, const dns::name& target) {
  // A std::function must be copyable, a slice must not: the one slice is shared by all copies.
  auto waiting = std::make_shared<net::slice>(one.home().home().alone(std::move(one)));
  net::slot& slot = waiting->home()[0];
  dns::query what = slot.query;
  dns::set_name(what, target.wire());
  const auto finish = [waiting](net::slot& done) {
    append_answers(waiting->home(), waiting->home()[0], done);
    std::move(*waiting).finish();
  };
  if (!through.ask(what, net::subquery_start{slot, waiting->home().plan}, finish))
    std::move(*waiting).finish();
}

} // namespace troupe
