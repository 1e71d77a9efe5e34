// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/loop_detector.hpp"

#include "actors/runtime/log.hpp"

#include <algorithm>

namespace troupe {

loop_detector::behavior_type loop_detector::make_behavior() {
  begin();
  return {
    [this](begin_atom) { begin(); },
    [this](again_atom) {
      due_ = net::time_point::max();
      for (auto& one : std::exchange(again_, {}))
        probe(one);
    },
    [this](exchanged& message) { on_exchanged(message); },
    [this](probe_returned& message) { on_returned(message); },
  };
}

void loop_detector::on_exit() {
  probes_.clear();
  if (home())
    home()->loop.cancel(timer_);
}

void loop_detector::begin() {
  probes_.clear();
  again_.clear();
  due_ = net::time_point::max();
  watches_ = probes_.watches();
  first_ = home() ? home()->loop.now() : net::time_point{};
  for (size_t watch = 0; watch < watches_.size(); ++watch)
    for (auto& group : watches_[watch].forwards)
      for (auto& upstream : group->upstreams())
        probe({watch, upstream});
}

void loop_detector::probe(const suspect& whom) {
  const auto sent = probes_.add(whom.watch, watches_[whom.watch].zone, whom.upstream);
  auto what = std::make_shared<dns::query>();
  dns::set_name(*what, sent.name.wire());
  what->qtype = static_cast<uint16_t>(dns::rrtype::hinfo);
  what->qclass = 1;
  what->flags = 0x0100;
  const net::time_point deadline = home() ? home()->loop.now() + probe_limit : net::time_point{};
  tell(
    shared().where.find<upstream_actor>(whom.upstream->actor),
    exchange{what, {net::protocol::udp, net::refetch::never, deadline}, reply_token<exchanged>{ctrl(), sent.number}});
}

/// Any answer ends a probe. Where none came it is tried again for a while, as CoreDNS does while its network comes up.
void loop_detector::on_exchanged(const exchanged& message) {
  const auto ended = probes_.find(message.token);
  if (!ended)
    return;
  probes_.remove(message.token);
  const bool answered = message.answered && message.result.reply;
  if (!answered) {
    again_.push_back({ended->watch, ended->through});
    // Who is shut out is probed for as long as it is: nothing else lets it in again.
    if (home() && home()->loop.now() - first_ < give_up_after)
      wake_in(retry_after);
    else if (ended->through->loops_back)
      wake_in(give_up_after);
    return;
  }
  if (ended->through->loops_back.exchange(false))
    log::info("plugin/loop: {} does not loop any more; it is asked again", ended->through->text);
}

void loop_detector::on_returned(const probe_returned& message) {
  const auto back = probes_.find(message.number);
  if (!back)
    return;
  probes_.remove(message.number);
  const auto& watch = watches_[back->watch];
  const std::string text = fmt::format("plugin/loop: Loop ({} -> {}) detected for zone \"{}\", see "
                                       "https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO {}\"",
                                       message.from, message.at, dns::to_text(watch.zone.wire()), message.name);
  if (!watch.report)
    log::fatal(text);
  if (!back->through->loops_back.exchange(true))
    log::error("{}; {} is not asked until this is mended", text, back->through->text);
  again_.push_back({back->watch, back->through});
  wake_in(give_up_after);
}

void loop_detector::wake_in(std::chrono::nanoseconds wait) {
  if (!home())
    return;
  const net::time_point when = home()->loop.now() + wait;
  if (due_ <= when)
    return; // awake by then
  home()->loop.cancel(timer_);
  due_ = when;
  timer_ = home()->loop.at(when, [self = caf::actor_cast<loop_actor>(this)] { tell(self, again_atom::value); });
}

} // namespace troupe
